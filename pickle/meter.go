package pickle

import "unsafe"

// Meter is told what decoding, encoding and conversion make, while they do so. It bounds and ends work that
// is large although the pickle is small: what is fetched from the memo takes two bytes.
type Meter interface {
	// Spend is told how many values were made since it was called last, and how many bytes of memory
	// they take, roughly. Its error ends the work and is returned as it is.
	Spend(values, bytes int) error
}

// meterEvery is how many values are made before the Meter is told; meterBytes, how many bytes.
const (
	meterEvery = 1 << 9
	meterBytes = 1 << 16
)

// valueBytes is roughly what a value takes where it stands, boxed, and in what holds it.
const valueBytes = 32

// What an empty dict or set and an object take, and an entry of the memo of an encoder that is large.
const (
	tableBytes  = int(unsafe.Sizeof(table{}))
	objectBytes = int(unsafe.Sizeof(Object{}))
	memoBytes   = 64
)

// tally gathers what is to be told to a Meter.
type tally struct {
	meter         Meter
	values, bytes int
}

// add counts values, and bytes that they take beyond their place.
func (t *tally) add(values, bytes int) error {
	if t.meter == nil {
		return nil
	}
	t.values, t.bytes = t.values+values, t.bytes+bytes
	if t.values < meterEvery && t.bytes < meterBytes {
		return nil
	}
	return t.tell()
}

// tell tells the Meter what was counted since the last time.
func (t *tally) tell() error {
	if t.meter == nil || t.values == 0 && t.bytes == 0 {
		return nil
	}
	values, bytes := t.values, t.bytes+t.values*valueBytes
	t.values, t.bytes = 0, 0
	return t.meter.Spend(values, bytes)
}
