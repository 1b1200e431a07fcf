// Package reduction hands open files, sockets and connections from one process to another, as
// Python's multiprocessing.reduction and multiprocessing.resource_sharer do, with stock Python or
// Go on the other side. It works where descriptors can travel: on Linux and macOS, between
// processes of one machine. Elsewhere its functions fail with errors.ErrUnsupported.
//
// Begin with a Sharer, which puts descriptors on offer. What it returns is pickled, by itself or inside a value, and
// goes to another process as any other value does, through any number of queues:
//
//	sharer, err := reduction.NewSharer(&reduction.SharerOptions{Authkey: authkey})
//	offer, err := sharer.Socket(listener.(*net.TCPListener))
//	item, err := pickle.Marshal(offer)
//
// There it is redeemed, by a Python when it unpickles the item, in Go by Rebuild:
//
//	raw, err := pickle.ParseRaw(item)
//	socket, err := reduction.RebuildAs[net.Listener](ctx, raw, &reduction.RebuildOptions{Authkey: authkey})
//
// Where two processes have a unix connection.Conn between them, SendHandle and RecvHandle pass descriptors along it, as
// send_handle and recv_handle do in Python.
//
// # Descriptors on a connection
//
// The message stands between two frames (sendfds and recvfds in reduction.py; sendfd and recvfd in
// Python 2's Modules/_multiprocessing/multiprocessing.c):
//
//	step  from      bytes                  ancillary data
//	1     sender    1: the number of fds   SCM_RIGHTS, all the fds
//	2     receiver  1: 'A'                 none
//
// Not all do the same, and nothing is negotiated:
//
//	peer                    number of fds  byte of step 1  step 2
//	Python 2                1              undefined       no
//	3.6 to 3.13 on Linux    1 to 253       number % 256    no
//	3.6 to 3.13 on macOS    1 to 253       number % 256    yes
//	3.14 and later          1 to 253       number % 256    yes
//
// A sender that waits for step 2 in vain hangs, and an 'A' that nobody wants corrupts the next
// frame. Options.Peer says which it is. Without it, a sender here sends and drops an 'A' if one
// comes, and a receiver looks at the protocol of the pickle that it received last on the same
// Conn: Pythons that write protocol 5 acknowledge. If there was none, it refuses with
// ErrUnknownPeer before it has read anything.
//
// # Offers in pickles
//
// Each process that pickles descriptors listens on a unix socket of its own, whose key is the
// process's authkey. What is pickled is where to ask and for what:
//
//	value       Python 3                                     Python 2
//	fd          resource_sharer.DupFd, {'_id': (addr, key)}  reduce_handle: (addr, key, False)
//	socket      reduction._rebuild_socket(fd, family,        reduction.rebuild_socket(fd, family,
//	            type, proto)                                 type, proto)
//	Connection  connection.rebuild_connection(fd, readable,  reduction.rebuild_connection(fd,
//	            writable)                                    readable, writable)
//
// Redeeming is a connection of its own, and works once for each key:
//
//	step  from      message
//	1     both      the handshake of package connection; the redeemer dials
//	2     redeemer  frame: pickle of (key, pid)
//	3     offerer   the descriptor, as above
//	4     redeemer  'A', or nothing
//	5     both      close
//
// In stock Python, a redeemer of 3.14 or later mostly fails in step 4 with an older offerer, which
// has closed already; the other way round the offerer logs an error. Here, the offerer waits for 'A'
// or the end of the stream and takes either; the redeemer writes 'A' and does not care whether it
// is read.
//
// A Python process redeems as it unpickles, its manager processes too: an item that passes through
// a queue of CPython's manager is redeemed and offered again by the manager (but for a bare fd,
// which stays as it is). Managers of package managers pass offers on unopened.
//
// # Whom an offer is taken from
//
// The handshake has both sides answer a challenge with one key that they share, and says nothing of who they are.
// Whoever listens where an offer says can pass on the challenge of another listener of that key, a manager say, and
// pass the answer back: then he is that manager's client, with all that the key allows. Whoever may put into a queue
// can write such an offer. So:
//
//   - The redeemer asks the system whose process listens (SO_PEERCRED, LOCAL_PEERCRED) before it answers anything, and
//     takes offers of its own user, of root, and of RebuildOptions.Users only.
//   - Offers should have a key of their own, which no manager has: then there is nobody to whom an answer could be
//     passed but other processes that offer. In Python that is multiprocessing.current_process().authkey; a manager's
//     key is an argument of its class.
//
// A process of a trusted user that forwards its connections to somebody else makes him trusted too. Stock Python
// asks nobody, neither here nor for the code that a pickle runs.
//
// # Blocking
//
// Whether reads block belongs to the open file, which all its descriptors share. Python expects
// files that block and Go's sockets do not, so what is sent or offered becomes blocking. The
// sender keeps its own descriptor and should do nothing with it but close it.
//
// # Goroutines
//
//	goroutine               owns                       ends when
//	Sharer's accept loop    the listening socket       Close
//	one per redemption      the connection, then the   it is over, SharerOptions.Timeout, Close
//	                        fd that is asked for
//	timer of each Shared    nothing                    it is collected, withdrawn or expired, Close
package reduction
