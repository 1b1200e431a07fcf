package wal

import (
	"encoding/binary"
	"hash/crc32"
)

// SetFeatures makes a segment say that its reader must know some features.
func SetFeatures(segment []byte, bits uint32) {
	binary.LittleEndian.PutUint32(segment[12:], bits)
	binary.LittleEndian.PutUint32(segment[segmentHead-4:], crc32.Checksum(segment[:segmentHead-4], castagnoli))
}

// PayloadOf returns the payload of the first frame of a segment.
func PayloadOf(segment []byte) []byte {
	n := binary.LittleEndian.Uint32(segment[segmentHead+4:])
	return segment[segmentHead+frameHead : segmentHead+frameHead+n]
}

// MakeSegment makes the file format and a segment with one frame, or with a second one that vouches for it.
func MakeSegment(payload []byte, records uint32, more bool) (format, segment []byte) {
	s := salt{magic: 0x12345679, seed: 42}
	segment = segmentHeader{s, 1, 1}.append(nil)
	b := newBatch()
	b.bytes = append(b.bytes, payload...)
	h := frameHeader{length: uint32(len(payload)), batch: 1, records: records}
	segment = append(segment, b.frameWith(h, s)[0]...)
	if more {
		segment = append(segment, newBatch().frame(frameHeader{batch: 2, synced: 1}, s)[0]...)
	}
	return appendFormat(nil, s), segment
}
