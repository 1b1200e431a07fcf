// A Go program that hands the sockets of its clients to stock Python workers, or answers those that a
// stock Python front hands over: "sockets front MANAGER" and "sockets worker MANAGER".
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"strings"
	"time"

	"mpbridge/connection"
	"mpbridge/managers/client"
	"mpbridge/reduction"
)

const clients = 10

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: sockets front|worker MANAGER")
	}
	if err := run(context.Background(), os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, role, address string) error {
	authkey := []byte(os.Getenv("MPBRIDGE_AUTHKEY"))
	manager, err := client.Dial(ctx, address, &client.Options{Authkey: authkey})
	if err != nil {
		return err
	}
	defer manager.Close()
	sockets, err := manager.OpenQueue(ctx, "get_socket_queue")
	if err != nil {
		return err
	}
	offers := []byte(os.Getenv("MPBRIDGE_OFFERS_KEY")) // a key for offers alone, not the manager's
	if role == "front" {
		return front(ctx, sockets, offers)
	}
	return worker(ctx, sockets, offers)
}

// front accepts clients, and puts the socket of each into the queue.
func front(ctx context.Context, sockets *client.Queue, offers []byte) error {
	sharer, err := reduction.NewSharer(&reduction.SharerOptions{Authkey: offers})
	if err != nil {
		return err
	}
	defer sharer.Close()
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	defer l.Close()
	fmt.Println("ready", l.Addr())
	for range clients {
		client, err := l.AcceptTCP()
		if err != nil {
			return err
		}
		offer, err := sharer.Socket(client) // also sharer.File(f), sharer.Connection(c)
		if err != nil {
			return err
		}
		err = sockets.Put(ctx, offer) // Python: client = sockets.get(); client.recv(1000)
		if err != nil {
			return err
		}
		_ = client.Close() // the offer has its own descriptor
		<-offer.Done()     // a worker has it; what is on offer ends with this program
		if err := offer.Err(); err != nil {
			return err
		}
	}
	return nil
}

// worker answers the clients whose sockets are in the queue, until there is none for a second.
func worker(ctx context.Context, sockets *client.Queue, offers []byte) error {
	for {
		patience, cancel := context.WithTimeout(ctx, time.Second)
		item, err := sockets.Get(patience) // Python: sockets.put(client)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) || connection.IsDisconnect(err) {
			return nil
		} else if err != nil {
			return err
		}
		client, err := reduction.RebuildAs[net.Conn](ctx, item, &reduction.RebuildOptions{Authkey: offers})
		if err != nil {
			return err
		}
		if err := answer(client); err != nil {
			return err
		}
		if err := sockets.TaskDone(ctx); err != nil {
			return err
		}
	}
}

func answer(client net.Conn) error {
	defer client.Close()
	line, err := bufio.NewReader(client).ReadString('\n')
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(client, "%s to you\n", strings.TrimSpace(line))
	return err
}
