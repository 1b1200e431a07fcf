//go:build !linux || !(amd64 || arm64)

package sysv

import "context"

// Nothing can be made or opened here; an object by its id says so at its first call.

const kindSize = 8

func wait(context.Context, error, func(bool) error) error { return ErrNotSupported }

func msgget(Key, int) (int, error)                     { return -1, ErrNotSupported }
func appendMessage(buf []byte, _ int, _ []byte) []byte { return buf }
func msgsnd(int, []byte, bool) error                   { return ErrNotSupported }
func msgrcv(int, []byte, int, bool) (n, its int, err error) {
	return 0, 0, ErrNotSupported
}
func msgstat(int) (QueueInfo, error) { return QueueInfo{}, ErrNotSupported }
func msgremove(int) error            { return ErrNotSupported }

func semget(Key, int, int) (int, error)  { return -1, ErrNotSupported }
func semop(int, []Operation, bool) error { return ErrNotSupported }
func semvalue(int, int) (int, error)     { return 0, ErrNotSupported }
func semwaiting(int, int) (int, error)   { return 0, ErrNotSupported }
func semset(int, int, int) error         { return ErrNotSupported }
func semremove(int) error                { return ErrNotSupported }
func semstat(int) (SemaphoreInfo, error) { return SemaphoreInfo{}, ErrNotSupported }

func shmget(Key, int, int) (int, error)   { return -1, ErrNotSupported }
func shmstat(int) (MemoryInfo, error)     { return MemoryInfo{}, ErrNotSupported }
func shmremove(int) error                 { return ErrNotSupported }
func shmattach(int, bool) ([]byte, error) { return nil, ErrNotSupported }
func shmdetach([]byte) error              { return ErrNotSupported }
