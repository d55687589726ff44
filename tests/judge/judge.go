// SPDX-License-Identifier: Apache-2.0

// A judge of the transparency log that nobody here wrote the rules of: the Go checksum database's own sumdb/note and
// sumdb/tlog (Debian's golang-golang-x-mod-dev). It reads a log by its published formats, over HTTP or from a directory:
//
//	judge PLACE VKEY [-witness VKEY]... [-all] [-samples N]
//
// The checkpoint's signature and, of each witness named, its cosignature; every tile that is read authenticated against
// the root; every entry's leaf among the tiles; inclusion of every position (or of N), consistency of every size (or
// of N) with the checkpoint, by CheckRecord and CheckTree. -all: also inclusion of every position in every size.
//
// The glue is what differs between the two: x/mod names a tile by its height, tile/8/L/N, and knows no cosignatures.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/ioutil"
	"math/rand"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type place string

func (p place) read(name string) ([]byte, error) {
	if !strings.HasPrefix(string(p), "http://") {
		return ioutil.ReadFile(filepath.Join(string(p), name))
	}
	answer, err := http.Get(string(p) + "/" + name)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != 200 {
		return nil, fmt.Errorf("%s: %s", name, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

// As x/mod has it, without the height.
func name(tile tlog.Tile) string {
	path := tile.Path()
	return "tile/" + strings.TrimPrefix(path, "tile/8/")
}

type tiles struct {
	place place
	kept  map[tlog.Tile][]byte
}

func (t *tiles) Height() int { return 8 }
func (t *tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		data := t.kept[tile]
		if data == nil {
			var err error
			if data, err = t.place.read(name(tile)); err != nil {
				return nil, err
			}
			t.kept[tile] = data
		}
		all = append(all, data)
	}
	return all, nil
}
func (t *tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// A cosignature/v1 as a verifier of a note.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 72 {
		return false
	}
	head := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(signature))
	return ed25519.Verify(c.key, append([]byte(head), text...), signature[8:])
}

func newCosigner(vkey string) (cosigner, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return cosigner{}, errors.New("no vkey: " + vkey)
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 33 || key[0] != 4 {
		return cosigner{}, errors.New("no key of a cosigner: " + vkey)
	}
	hash := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	id := binary.BigEndian.Uint32(hash[:])
	if fmt.Sprintf("%08x", id) != parts[1] {
		return cosigner{}, errors.New("another key id: " + vkey)
	}
	return cosigner{parts[0], id, key[1:]}, nil
}

func fail(format string, words ...interface{}) {
	fmt.Fprintf(os.Stderr, "judge: "+format+"\n", words...)
	os.Exit(1)
}

func must(err error, what string) {
	if err != nil {
		fail("%s: %v", what, err)
	}
}

type list []string

func (l *list) String() string         { return strings.Join(*l, " ") }
func (l *list) Set(value string) error { *l = append(*l, value); return nil }

func openCheckpoint(at place, vkey string, witnesses list) tlog.Tree {
	signed, err := at.read("checkpoint")
	must(err, "checkpoint")
	verifier, err := note.NewVerifier(vkey)
	must(err, "vkey")
	verifiers := []note.Verifier{verifier}
	for _, each := range witnesses {
		cosigner, err := newCosigner(each)
		must(err, "witness")
		verifiers = append(verifiers, cosigner)
	}
	opened, err := note.Open(signed, note.VerifierList(verifiers...))
	must(err, "note.Open")
	if len(opened.Sigs) != len(verifiers) {
		fail("%d of %d known keys have signed", len(opened.Sigs), len(verifiers))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		fail("no checkpoint of %s", verifier.Name())
	}
	// ParseTree wants the first line of its own log.
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + lines[1] + "\n" + lines[2] + "\n"))
	must(err, "tlog.ParseTree")
	return tree
}

// Every entry's leaf is the hash that the tiles have.
func checkEntries(at place, tree tlog.Tree, hashes tlog.HashReader) {
	for first := int64(0); first < tree.N; first += 256 {
		width := tree.N - first
		path := tlog.Tile{H: 8, L: 0, N: first / 256, W: 256}
		if width < 256 {
			path.W = int(width)
		}
		bundle, err := at.read("tile/entries/" + strings.TrimPrefix(path.Path(), "tile/8/0/"))
		must(err, "entries")
		for i := 0; i < path.W; i++ {
			if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
				fail("bundle %d breaks off", first/256)
			}
			size := int(binary.BigEndian.Uint16(bundle))
			entry := bundle[2 : 2+size]
			bundle = bundle[2+size:]
			if size != 85 || !bytes.HasPrefix(entry, []byte("HTL1")) || int64(binary.BigEndian.Uint64(entry[4:])) != first+int64(i) {
				fail("entry %d is not of its position", first+int64(i))
			}
			got, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, first+int64(i))})
			must(err, "tile")
			if got[0] != tlog.RecordHash(entry) {
				fail("entry %d is not what its leaf is the hash of", first+int64(i))
			}
		}
		if len(bundle) > 0 {
			fail("bundle %d goes on", first/256)
		}
	}
}

func checkRecord(index, size int64, root tlog.Hash, hashes tlog.HashReader) {
	proof, err := tlog.ProveRecord(size, index, hashes)
	must(err, "ProveRecord")
	leaf, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
	must(err, "leaf")
	must(tlog.CheckRecord(proof, size, root, index, leaf[0]), "CheckRecord")
}

func checkSize(size int64, tree tlog.Tree, hashes tlog.HashReader) tlog.Hash {
	root, err := tlog.TreeHash(size, hashes)
	must(err, "TreeHash")
	proof, err := tlog.ProveTree(tree.N, size, hashes)
	must(err, "ProveTree")
	must(tlog.CheckTree(proof, tree.N, tree.Hash, size, root), "CheckTree")
	return root
}

func main() {
	var witnesses list
	flag.Var(&witnesses, "witness", "vkey of a cosigner")
	all := flag.Bool("all", false, "every position in every size")
	samples := flag.Int64("samples", 0, "so many positions and sizes; 0: every one")
	flag.Parse()
	at := place(flag.Arg(0))
	tree := openCheckpoint(at, flag.Arg(1), witnesses)
	hashes := tlog.TileHashReader(tree, &tiles{at, map[tlog.Tile][]byte{}})
	root, err := tlog.TreeHash(tree.N, hashes)
	must(err, "TreeHash")
	if root != tree.Hash {
		fail("the tiles have another root than the checkpoint")
	}
	checkEntries(at, tree, hashes)
	count := tree.N
	if *samples > 0 && *samples < count {
		count = *samples
	}
	for i := int64(0); i < count; i++ {
		index := i
		if count < tree.N {
			index = rand.Int63n(tree.N)
		}
		checkRecord(index, tree.N, tree.Hash, hashes)
		sized := checkSize(index+1, tree, hashes)
		for each := int64(0); *all && each <= index; each++ {
			checkRecord(each, index+1, sized, hashes)
		}
	}
	fmt.Printf("%d leaves, %d positions and sizes: every signature, tile, entry and proof holds\n", tree.N, count)
}
