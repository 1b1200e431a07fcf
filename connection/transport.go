package connection

// Transport is what lies beneath the messages of a Conn: its read buffer, its socket, and what the
// system knows of the peer. Packages that build a protocol of their own on a Conn use it; whoever
// only sends and receives does not. Its methods may be called from any goroutine, and each says
// which calls of the Conn it waits for.
type Transport struct{ c *Conn }

// Transport returns the handle on what lies beneath the messages.
func (c *Conn) Transport() Transport { return Transport{c} }
