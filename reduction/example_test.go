//go:build linux || darwin

package reduction_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"

	"mpbridge/connection"
	"mpbridge/pickle"
	"mpbridge/reduction"
)

// A socket goes to another process inside a pickle, which queues carry as any other value.
func ExampleSharer() {
	ctx, authkey := context.Background(), []byte("secret")
	sharer, err := reduction.NewSharer(&reduction.SharerOptions{Authkey: authkey})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer sharer.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	offer, err := sharer.Socket(listener.(*net.TCPListener))
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = listener.Close() // the offer has its own descriptor
	item, err := pickle.Marshal(offer)
	if err != nil {
		fmt.Println(err)
		return
	}

	// In another process. In Python, unpickling the item gives the socket.
	raw, err := pickle.ParseRaw(item)
	if err != nil {
		fmt.Println(err)
		return
	}
	socket, err := reduction.RebuildAs[net.Listener](ctx, raw, &reduction.RebuildOptions{Authkey: authkey})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer socket.Close()
	fmt.Println(socket.Addr().Network())
	// Output: tcp
}

// A file goes along a connection, between two messages.
func ExampleSendHandle() {
	ctx := context.Background()
	here, there, err := connection.Pipe(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer here.Close()
	defer there.Close()
	r, w, err := os.Pipe()
	if err != nil {
		fmt.Println(err)
		return
	}
	_, _ = w.WriteString("through a pipe")
	_ = w.Close()
	if err := reduction.SendHandle(ctx, here, r, nil); err != nil {
		fmt.Println(err)
		return
	}
	_ = r.Close()

	// In another process. A Python would call multiprocessing.reduction.recv_handle(conn).
	o := &reduction.Options{Peer: reduction.PeerSilent}
	f, err := reduction.RecvHandle(ctx, there, o)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	text, _ := io.ReadAll(f)
	fmt.Println(string(text))
	// Output: through a pipe
}
