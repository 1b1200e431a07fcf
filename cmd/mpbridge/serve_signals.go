package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// serverSignals are what a long-running command makes of its signals:
//
//	SIGINT, SIGTERM   the first ends asked, the second the grace; a third ends the program at once
//	SIGHUP            reads files again, and ends nothing
//	SIGPIPE, SIGXFSZ  are errors of the write that met them, and end nothing
//	SIGQUIT           ends the program with the stacks of all goroutines: for who looks for a fault
type serverSignals struct {
	running context.Context // until somebody wants the program to stop
	grace   context.Context // until somebody wants it to stop at once

	log     *slog.Logger
	signals chan os.Signal
	hangups chan os.Signal
	begun   atomic.Bool
	over    chan struct{}
	loop    sync.WaitGroup
}

// catchSignals begins to look at signals, until stop. A program that was started with SIGHUP ignored, as by
// nohup, reads its files again at SIGHUP like any other.
func catchSignals(ctx context.Context, log *slog.Logger) *serverSignals {
	s := &serverSignals{log: log, signals: make(chan os.Signal, 3), hangups: make(chan os.Signal, 1),
		over: make(chan struct{})}
	hurry, end := context.WithCancel(ctx)
	asked, stop := context.WithCancel(ctx)
	s.running, s.grace = asked, hurry
	signal.Notify(s.signals, os.Interrupt, syscall.SIGTERM)
	signal.Notify(s.hangups, syscall.SIGHUP)
	failBrokenWrites()
	s.loop.Go(func() {
		defer stop()
		defer end()
		for {
			select {
			case <-s.signals:
			case <-s.over:
				return
			}
			if s.begun.CompareAndSwap(false, true) {
				stop()
				continue
			}
			log.Warn("a signal ends the grace; another one ends the program without saving")
			end()
			signal.Stop(s.signals)
		}
	})
	return s
}

// beginStop says that the program stops, for another reason than a signal perhaps: the next one ends the grace.
func (s *serverSignals) beginStop() { s.begun.Store(true) }

// stop ends looking at signals.
func (s *serverSignals) stop() {
	signal.Stop(s.signals)
	signal.Stop(s.hangups)
	close(s.over)
	s.loop.Wait()
}

// reloader is what SIGHUP reads again. What fails stays as it was.
type reloader struct {
	what string
	read func()
	busy atomic.Bool
}

// slowReload is how long a file may take to be read before the log says so.
const slowReload = 5 * time.Second

// reloadOnHangup reads files again at each SIGHUP, each in a goroutine of its own: one on a disk that does not answer
// keeps neither the others nor the end of the program waiting. A SIGHUP that came before counts.
func (s *serverSignals) reloadOnHangup(files ...*reloader) {
	s.loop.Go(func() {
		for {
			select {
			case <-s.hangups:
			case <-s.over:
				return
			}
			if len(files) == 0 {
				s.log.Info("SIGHUP: there is nothing to read again")
			}
			for _, f := range files {
				s.reload(f)
			}
		}
	})
}

func (s *serverSignals) reload(f *reloader) {
	if !f.busy.CompareAndSwap(false, true) {
		s.log.Error("SIGHUP: the last reading has not ended yet", "what", f.what)
		return
	}
	slow := time.AfterFunc(slowReload, func() { s.log.Warn("SIGHUP: reading takes long", "what", f.what) })
	go func() {
		defer f.busy.Store(false)
		defer slow.Stop()
		f.read()
	}()
}
