package wal

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"math"
	"strings"
)

const (
	// version is that of the format. Another one is another format.
	version = 1
	// features are those that a reader must know; a segment names the ones that it needs.
	features = 0

	segmentHead = 64
	frameHead   = 32
	frameTail   = 4
	frameAlign  = 8

	// maxPayload bounds a frame, so that places in a segment have 32 bits.
	maxPayload = 1<<31 - 1<<16
	// lostRecords is how many records a frame claims that stands for batches that could not be read.
	lostRecords = math.MaxUint32
)

var (
	castagnoli   = crc32.MakeTable(crc32.Castagnoli)
	segmentMagic = []byte("mpbwal\x00\x00")
)

// salt is the secret of a folder.
type salt struct {
	magic uint32
	seed  uint32 // of the CRCs
}

func newSalt() (s salt) {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it never fails: crypto/rand
	return saltOf(b[:])
}

func saltOf(b []byte) salt {
	return salt{binary.LittleEndian.Uint32(b) | 1, binary.LittleEndian.Uint32(b[4:])} // no magic of zeros
}

func (s salt) append(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(b, s.magic), s.seed)
}

const formatTitle = "mpbridge data "

// appendFormat writes the file format.
func appendFormat(b []byte, s salt) []byte {
	return fmt.Appendf(b, "%s%d\nsalt %s\n", formatTitle, version, hex.EncodeToString(s.append(nil)))
}

// parseFormat reads what appendFormat writes.
func parseFormat(text []byte) (s salt, err error) {
	head, rest, _ := strings.Cut(string(text), "\n")
	number, found := strings.CutPrefix(head, formatTitle)
	if !found {
		return s, &FormatError{File: formatFile}
	}
	if number != fmt.Sprint(version) {
		return s, &FormatError{File: formatFile, Version: number}
	}
	line, _, _ := strings.Cut(rest, "\n")
	secret, err := hex.DecodeString(strings.TrimPrefix(line, "salt "))
	if err != nil || len(secret) != 8 || string(appendFormat(nil, saltOf(secret))) != string(text) {
		return s, &FormatError{File: formatFile}
	}
	return saltOf(secret), nil
}

// segmentHeader is the beginning of a segment.
type segmentHeader struct {
	salt   salt
	number uint32
	first  uint64 // batch
}

func (h segmentHeader) append(b []byte) []byte {
	at := len(b)
	b = append(b, segmentMagic...)
	b = binary.LittleEndian.AppendUint32(b, version)
	b = binary.LittleEndian.AppendUint32(b, features)
	b = binary.LittleEndian.AppendUint32(b, h.number)
	b = h.salt.append(b)
	b = binary.LittleEndian.AppendUint64(b, h.first)
	b = append(b, make([]byte, segmentHead-4-(len(b)-at))...)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[at:], castagnoli))
}

// parseSegmentHeader reads what append writes. The error is a *FormatError for another version, else errBad.
func parseSegmentHeader(b []byte) (h segmentHeader, err error) {
	if len(b) < segmentHead || !bytes.Equal(b[:len(segmentMagic)], segmentMagic) ||
		crc32.Checksum(b[:segmentHead-4], castagnoli) != binary.LittleEndian.Uint32(b[segmentHead-4:]) {
		return h, errBad
	}
	if v := binary.LittleEndian.Uint32(b[8:]); v != version {
		return h, &FormatError{Version: fmt.Sprint(v)}
	}
	if f := binary.LittleEndian.Uint32(b[12:]); f&^features != 0 {
		return h, &FormatError{Features: f &^ features}
	}
	h.number = binary.LittleEndian.Uint32(b[16:])
	h.salt = saltOf(b[20:])
	h.first = binary.LittleEndian.Uint64(b[28:])
	return h, nil
}

// frameHeader is the beginning of a frame.
type frameHeader struct {
	length  uint32
	batch   uint64
	synced  uint64
	records uint32
	crc     uint32
}

// size is that of the whole frame.
func (h frameHeader) size() int64 { return frameSize(int64(h.length)) }

func frameSize(payload int64) int64 {
	return (frameHead + payload + frameTail + frameAlign - 1) &^ (frameAlign - 1)
}

// put writes the header to the first frameHead bytes of b and returns its CRC.
func (h frameHeader) put(b []byte, s salt) uint32 {
	binary.LittleEndian.PutUint32(b, s.magic)
	binary.LittleEndian.PutUint32(b[4:], h.length)
	binary.LittleEndian.PutUint64(b[8:], h.batch)
	binary.LittleEndian.PutUint64(b[16:], h.synced)
	binary.LittleEndian.PutUint32(b[24:], h.records)
	crc := crc32.Update(s.seed, castagnoli, b[:28])
	binary.LittleEndian.PutUint32(b[28:], crc)
	return crc
}

// parseFrameHeader reads what put writes.
func parseFrameHeader(b []byte, s salt) (h frameHeader, ok bool) {
	if len(b) < frameHead || binary.LittleEndian.Uint32(b) != s.magic {
		return h, false
	}
	h.length = binary.LittleEndian.Uint32(b[4:])
	h.batch = binary.LittleEndian.Uint64(b[8:])
	h.synced = binary.LittleEndian.Uint64(b[16:])
	h.records = binary.LittleEndian.Uint32(b[24:])
	h.crc = binary.LittleEndian.Uint32(b[28:])
	return h, h.crc == crc32.Update(s.seed, castagnoli, b[:28]) && h.length <= maxPayload
}

// whole tells whether a payload with its CRC is the one of the header.
func (h frameHeader) whole(payload []byte) bool {
	n := int(h.length)
	return len(payload) >= n+frameTail &&
		crc32.Update(h.crc, castagnoli, payload[:n]) == binary.LittleEndian.Uint32(payload[n:])
}
