// Package connection speaks the protocol of Python's multiprocessing.connection: messages with a
// length prefix over TCP, unix sockets, pipes or any descriptor, and the handshake in which two
// processes prove to each other that they have the same authkey.
//
// Begin with Listen and Dial:
//
//	l, err := connection.Listen("127.0.0.1:0", &connection.ListenOptions{Authkey: key})
//	go l.Serve(ctx, func(c *connection.Conn) {
//		defer c.Close()
//		var job any
//		if err := c.Recv(ctx, &job); err == nil {
//			_ = c.Send(ctx, "done")
//		}
//	})
//
//	c, err := connection.Dial(ctx, l.Addr().String(), &connection.DialOptions{Authkey: key})
//	err = c.Send(ctx, pickle.Tuple{"a job", 1})
//	var reply string
//	err = c.Recv(ctx, &reply)
//
// The other side may as well be Python's Client or Listener.
//
// Dial and Listen make a Conn of a socket as Client and Listener do in Python; NewConn, FileConn
// and Pipe make one without a handshake. A Conn carries byte strings (SendBytes, RecvBytes) and
// pickled values (Send, Recv).
//
// # Frames
//
//	bytes                       meaning                              CPython function
//	int32 n, big endian         n bytes of body follow, n >= 0       Connection._send_bytes
//	ff ff ff ff, uint64 n       the same for n > 2**31-1             Connection._recv_bytes
//
// What a header claims is compared with Options.MaxMessage, and even then only a part is allocated
// before a part of the body has arrived.
//
// # Handshake
//
// Each message is a frame, and none may be longer than 256 bytes. M is what follows #CHALLENGE#,
// the name of the digest included, and all of it is covered by the MAC.
//
//	step  from      bytes                                  limit  CPython function
//	1     listener  #CHALLENGE#{sha256}, 40 random         256    deliver_challenge
//	2     dialer    {sha256} HMAC-SHA256(key, M)           256    answer_challenge
//	3     listener  #WELCOME# or #FAILURE#                 256    deliver_challenge
//	4     dialer    #CHALLENGE#{sha256}, 40 random         256    deliver_challenge
//	5     listener  {sha256} HMAC-SHA256(key, M)           256    answer_challenge
//	6     dialer    #WELCOME# or #FAILURE#                 256    deliver_challenge
//
// A Listener with a Keyring compares the answer of step 2 with every key, and answers step 5 with
// the one that the dialer has; CPython's listener has a single one. The wire is the same.
//
// Older peers send 20 random bytes without a name in steps 1 and 4, and answer any challenge with
// the 16 bytes of HMAC-MD5; DigestPolicy says whether that is accepted. Nothing is negotiated and
// nothing is encrypted: who can read the wire reads the messages. And who can stand between the
// two can pass the challenge on and use the connection in the place of either. Where that matters,
// use TLS, or a unix socket.
//
// # TLS
//
// DialOptions.TLS and ListenOptions.TLS put TLS under everything else, on TCP, between Go programs:
// CPython's connections cannot speak it, and reach it through package tunnel. Its handshake runs in
// the goroutine, the time and the limits of the authkey's, which follows inside. What a Conn promises
// holds, but for this: a send that a deadline or a context ended is the last one, even if nothing had
// left.
//
// A key proves more than a right to talk. A Python peer unpickles whatever it is sent, so whoever
// has the key can run code there. This side runs nothing (see package pickle).
//
// # Strangers
//
// A handshake has one deadline, a number of them may go on at once, and beyond it the oldest gives
// way. While nothing can be accepted, as without descriptors, those give way that have lasted a second.
// A refused peer learns that it was refused and nothing else.
//
// # Why it does not stall
//
// CPython never sets TCP_NODELAY and writes #WELCOME# and the first request, or header and body of
// a message beyond 16 KiB, in two calls. The second waits for the acknowledgement of the first,
// which Linux delays by 40 ms. A Conn therefore acknowledges at once whenever a read is about to
// wait in the middle of a frame, and once after the handshake; and it sends whatever belongs
// together in one call.
//
// # Goroutines
//
//	goroutine                 owns                         ends when
//	Listener's accept loop    the listening socket         Close
//	one for each handshake    the Conn, until it is        the handshake is over, its time is up,
//	                          given to Accept or Serve     it is displaced, or Close
//
// A Conn has none; Transport.CopyTo uses that of its caller. A call with a context borrows one while ctx ends it.
package connection
