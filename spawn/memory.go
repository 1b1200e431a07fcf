package spawn

import (
	"os"

	"mpbridge/sharedmem"
	"mpbridge/synchronize"
)

// memoryReviver makes shared memory live, and the memory of barriers.
func memoryReviver(locks *synchronize.Unpickler) *sharedmem.Unpickler {
	u := &sharedmem.Unpickler{
		Detach: func(v any) (*os.File, error) {
			fd, ok := inheritedFd(v)
			if !ok {
				return nil, bootstrapError("what stands for a descriptor is none that was inherited")
			}
			return os.NewFile(uintptr(fd), "arena"), nil
		},
		Lock: func(v any) (sharedmem.Locker, error) {
			l, err := locks.Object(v)
			if err != nil {
				return nil, err
			}
			switch l := l.(type) {
			case *synchronize.RLock:
				return sharedmem.ByOwner(l, synchronize.NewOwner), nil
			case sharedmem.Locker:
				return l, nil
			}
			return nil, bootstrapError("the lock of a value is none")
		},
	}
	locks.Buffer = func(v any) ([]byte, error) {
		x, err := u.Object(v)
		if err != nil {
			return nil, err
		}
		block, ok := x.(*sharedmem.Block)
		if !ok {
			return nil, bootstrapError("the memory of a barrier is none")
		}
		return blockBytes(block)
	}
	return u
}

// blockBytes are the bytes of a block for as long as its arena is open.
func blockBytes(b *sharedmem.Block) ([]byte, error) {
	view, err := b.View()
	if err != nil {
		return nil, err
	}
	return view.Bytes(), nil
}
