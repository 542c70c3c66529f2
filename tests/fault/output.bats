load ../pipeline/helper

make_one() { hmm-weights --random vgg11 --width 0.02 -s "${2:-1}" -o "$1"; }

under() { # under INJECTION COMMAND...: with a system call that fails, or is the last one
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o trace -e "inject=$1" "${@:2}"
}

killed() { # COMMAND...: at the end of its work
	if under fsync:signal=KILL "$@" 2>/dev/null; then return 1; fi
}

can_trace() {
	command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null || skip "no strace"
}

@test "output: a new file's permissions are the user's own, and it replaces the old one" {
	make_one a
	for mask in 077 022 027; do
		rm -f b
		(umask $mask && make_one b)
		[ "$(stat -c %a b)" = "$(printf '%o' $((0666 & ~mask)))" ]
		cmp a b
	done
	(umask 077 && make_one a 2)
	[ "$(stat -c %a a)" = 600 ]
	[ "$(cksum <a)" != "$(cksum <b)" ]
	ln -s a link
	make_one link
	[ -L link ]
	cmp a b
	[ "$(ls)" = "$(printf 'a\nb\nlink')" ]
}

@test "output: a folder that is not there, or is no folder, is told before the work" {
	: >file
	mkdir folder
	refuse 1 'no/such/x: cannot create: No such file' make_one no/such/x
	refuse 1 'file/x: cannot create: Not a directory' make_one file/x
	refuse 1 'folder: cannot open: Is a directory' make_one folder
	[ "$(ls)" = "$(printf 'file\nfolder\nrefused.err\nrefused.out')" ]
}

@test "output: an empty name is told before the work, of every option that names a file" {
	: >empty
	while read -r line; do
		refuse 1 'the name of an output is empty' bash -c "$line <empty"
	done <<-END
		hmm-weights --random vgg11 --width 0.02 -o ''
		hmm-weights -o '' nothing
		hmm-condition --train -o ''
		hmm-condition --train -o x --curve ''
		hmm-rho --train -o ''
		hmm-joint --train --model cnn -o ''
		hmm-vae --train -o ''
		hmm-rho -w nothing -o ''
		hmm-gan --train mean --from a --to b -o ''
		hmm-gan --train pix2pix --from a --to b -o x --curve ''
		hmm-gan --train pix2pix --from a --to b -o x --checkpoint ''
		hmm-gan --train pix2pix --from a --to b -o x --samples ''
		hmm-show --png '' empty
	END
	[ "$(ls)" = "$(printf 'empty\nrefused.err\nrefused.out')" ]
}

@test "output: a killed program leaves no file" {
	can_trace
	killed hmm-weights --random vgg11 --width 0.02 -o x
	[ "$(ls)" = trace ]
	make_one x
	cp x before
	killed hmm-weights --random vgg11 --width 0.03 -o x
	cmp x before
	[ "$(ls)" = "$(printf 'before\ntrace\nx')" ]
}

@test "output: without unnamed files, or /proc, it is renamed into place" {
	can_trace
	make_one want
	mkdir out
	# the folder of out/x is opened for the unnamed file alone
	for call in openat:error=EOPNOTSUPP openat:error=EISDIR; do
		for old in no yes; do
			rm -f out/x
			[ $old = no ] || echo old >out/x
			under $call -P out hmm-weights --random vgg11 --width 0.02 -s 1 -o out/x
			grep -q INJECTED trace
			cmp out/x want
			[ "$(ls out)" = x ]
		done
	done
	rm -f out/x
	under '?access,?faccessat,?faccessat2:error=ENOENT' hmm-weights --random vgg11 --width 0.02 -s 1 -o out/x
	cmp out/x want
}

@test "output: what cannot be synced or put into place is not there" {
	can_trace
	for call in fsync:error=EIO linkat:error=EIO rename:error=EIO; do
		echo old >x
		refuse 1 'x: cannot write: ' under $call hmm-weights --random vgg11 --width 0.02 -o x
		[ "$(cat x)" = old ]
		[ "$(ls)" = "$(printf 'refused.err\nrefused.out\ntrace\nx')" ]
		rm x
		[ $call != rename:error=EIO ] || continue
		refuse 1 'x: cannot write: ' under $call hmm-weights --random vgg11 --width 0.02 -o x
		[ ! -e x ]
	done
}

@test "output: a checkpoint that cannot be written leaves the one before, which a resumed training takes" {
	can_trace
	hmm-phantom -o study --subjects 2 --size 16 --slices 2 --missing 0 -s 1
	hmm-manifest -q --bids study --label diagnosis --positive AD | hmm-split --ratio 2:0:0 >manifest.tsv
	hmm-slice -q --resize 0 --crop 0 --stamp --manifest manifest.tsv >slices.hmm
	train=(hmm-gan -q --train pix2pix --from T1w --to trc-18FFDG_pet --size 32 --ngf 1 --ndf 1 --epochs 2 --epochs-decay 1)
	"${train[@]}" -o want <slices.hmm
	saving=("${train[@]}" -o have --checkpoint checkpoint --checkpoint-every 0 --resume)
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e trace=write,fsync -o traced "${saving[@]}" <slices.hmm
	rm have checkpoint
	# the first is there when the second is cut short
	if under fsync:signal=KILL:when=2 "${saving[@]}" <slices.hmm 2>/dev/null; then return 1; fi
	cp checkpoint first
	writes=$(awk '/fsync\(/ { exit } /write\(/ { n++ } END { print n }' traced)
	# the second one's: a write in its middle, its end, and its way over the first
	for call in write:error=ENOSPC:when=$((writes + 3)) fsync:error=ENOSPC:when=2 linkat:error=EIO:when=2 rename:error=EDQUOT:when=1; do
		rm -f checkpoint
		refuse 1 'checkpoint: cannot write: ' under $call "${saving[@]}" <slices.hmm
		[ ! -e have ]
		[ "$(find . -name 'checkpoint*' | wc -l)" = 1 ]
		cmp checkpoint first
		"${saving[@]}" <slices.hmm
		cmp have want
		rm have
	done
}
