package connection

// The doors that tests need to the inside.
var (
	AppendHeader = appendHeader
	ParseHeader  = parseHeader
)

// Respond answers a challenge, body of the frame included #CHALLENGE#.
func Respond(key, challenge []byte, p DigestPolicy) ([]byte, error) {
	a, err := newAuthenticator(key, p)
	if err != nil {
		return nil, err
	}
	return a.respond(make([]byte, 0, maxAuthMessage), challenge)
}

// Verify judges the answer to a challenge, which is given without #CHALLENGE#.
func Verify(key, challenge, answer []byte, p DigestPolicy) error {
	a, err := newAuthenticator(key, p)
	if err != nil {
		return err
	}
	return a.verify(make([]byte, 0, maxAuthMessage), challenge, answer)
}
