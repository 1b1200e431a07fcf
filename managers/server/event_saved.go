package server

func (*event) kind() string { return "Event" }

func (e *event) capture() writing {
	e.mu.Lock()
	set := e.flag
	e.mu.Unlock()
	return func(w *recordWriter) error {
		if !set {
			return nil
		}
		return w.call("set")
	}
}

// reset clears the event. Whoever waits goes on waiting.
func (e *event) reset() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.flag = false
}
