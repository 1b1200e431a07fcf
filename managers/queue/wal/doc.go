// Package wal keeps numbered entries on stable storage, in a folder of append-only files: what a server writes so that its
// queues survive it. It knows of entries that are put and settled, in streams that have names; it does not know what an
// entry is.
//
// # Files
//
//	format        "mpbridge data 1" and the salt of this folder
//	lock          locked while a program has the folder
//	reserve       room that is kept for settling entries when the disk is full
//	00000001.seg  segments, each of Options.SegmentSize or more: the oldest goes first
//
// A segment begins with a header of 64 bytes and goes on with frames. A frame is a batch: it takes effect whole or not at
// all.
//
//	magic    u32  secret, one for each folder
//	length   u32  of the payload
//	batch    u64  one more than that of the frame before it
//	synced   u64  the last batch that was known to be on stable storage when this one was written
//	records  u32
//	crc      u32  CRC-32C of the above, seeded by the salt
//	payload       records
//	crc      u32  CRC-32C of the payload, seeded by that of the header
//	padding       to a multiple of 8
//
// All numbers are little-endian. Because magic and seed are secret, no entry can hold bytes that pass for a frame.
// The first frame of a segment has the name and state of each stream, so that no older segment is needed for them.
//
// # Damage and torn tails
//
// A bad frame at the end is what a crash leaves of a batch that nobody was told about: it is cut off. A bad frame whose
// batch another frame says was synced is damage, and [Open] refuses it: a *DamageError. Soon after the last batch an
// empty frame is written that vouches for it.
//
// # Who owns what
//
//	goroutine     owns                                               ends when
//	Log.run       the files, the index, the batch that is written    Log.Close
package wal
