package queues

import "time"

func init() { patience = 50 * time.Millisecond } // tests wait for it to pass

// ReadFrames takes the frames out of what comes in pieces, and returns them, or what is wrong.
func ReadFrames(limit int64, pieces [][]byte) (bodies [][]byte, err error) {
	p := part{limit: limit}
	for _, piece := range pieces {
		for len(piece) > 0 {
			room, err := p.room()
			if err != nil {
				return bodies, err
			}
			n := copy(room, piece)
			piece = piece[n:]
			p.add(n)
			if room, err = p.room(); err != nil {
				return bodies, err
			}
			if len(room) == 0 {
				body, err := p.frame()
				if err != nil {
					return bodies, err
				}
				bodies = append(bodies, body)
				p = part{limit: limit}
			}
		}
	}
	return bodies, nil
}
