load helper
# Training on a regular file, of which the blocks are read as they are wanted.

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	PATH="${HMM_BIN:-$BATS_TEST_DIRNAME/../../bin}:$PATH" LC_ALL=C
	# blocks of 4 x 25 x 25: ten arrays of numbers from .01 to 2
	for i in 0 1 2 3 4 5 6 7 8 9; do
		printf '\x93NUMPY\x01\x00v\x00%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 25, 25), }" >$i.npy
		seq -s '' $((3000 + 701 * i)) 20000 | tr 0-9 '<=>?<=>?<=' | head -c 10000 >>$i.npy
	done
	{
		printf 'subject\tmodality\tlabel\tsplit\tsource\tnpy\n'
		for i in $(seq 40); do
			split=train
			[ $((i % 4)) != 0 ] || split=val
			printf 's%s\tMRI\t%s\t%s\t%s.nii\t%s.npy\n' $i $((i / 4 % 2)) $split $i $((i * 7 % 10))
			[ $((i % 3)) = 0 ] || printf 's%s\tPET\t%s\t%s\t\t%s.npy\n' $i $((i / 4 % 2)) $split $((i * 3 % 10))
		done
	} >some.tsv
	# 20 MB that are not learned from
	{
		head -n 1 some.tsv
		for i in $(seq 2000); do printf 't%s\tMRI\t0\ttest\t%s.nii\t%s.npy\n' $i $i $((i % 10)); done
	} >rest.tsv
	cp some.tsv features.tsv
	awk -F'\t' -v OFS='\t' '{ print $0, NR == 1 ? "observed" : $2 == "PET" && substr($1, 2) % 3 == 1 ? "MRI+PET" : "n/a" }' features.tsv >sets.tsv
	for kind in features sets; do
		hmm-show -q --name blocks --from-npy $kind $kind.tsv >some.$kind
		hmm-show -q --name blocks --from-npy $kind rest.tsv >rest.$kind
		cat some.$kind rest.$kind >20.$kind
		{
			cat some.$kind
			for i in 0 1 2 3 4 5 6 7 8 9; do cat rest.$kind; done
		} >200.$kind
	done
}

setup() {
	root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	PATH="${HMM_BIN:-$root/bin}:$PATH"
	export LC_ALL=C
	cd "$BATS_TEST_TMPDIR" || return 1
	made=$BATS_FILE_TMPDIR
}

# What is trained, of either kind of stream, in a few steps.
trainings() {
	cat <<-END
		features hmm-condition --train
		features hmm-condition --train --batch 3 --schedule constant --stop-on training --checkpoint last
		features hmm-condition --train --preset code
		features hmm-joint --train --model hypermm --hidden 4
		features hmm-joint --train --model multi-cnn --fuse scores --hidden 4 --batch 5
		features hmm-joint --train --model cnn --modality PET --hidden 4
		features hmm-vae --train --hidden 4 --latents 2
		sets hmm-rho --train --hidden 4 --dropout .5
		sets hmm-rho --train --hidden 4,3 --batch 4 --subset-loss all
		sets hmm-rho --train --hidden 4 --dropout .5 --subset-loss draw
		sets hmm-rho --train --hidden 4,3 --batch 4 --subset-loss draw --val-loss subsets
	END
}

@test "beyond: a model is the same bytes from a file as from a pipe, whatever the threads" {
	while read -r kind program options; do
		for buffer in '' '--shuffle-buffer 9'; do
			[[ -z $buffer || $options != *code* ]] || continue
			train() { $program -q $options $buffer --epochs 2 -s 3 -j "$1" --curve "$2.curve" -o "$2"; }
			train 1 file <"$made/some.$kind"
			train 3 threads <"$made/some.$kind"
			cat "$made/some.$kind" | train 1 pipe
			for other in threads pipe; do
				cmp file $other
				cmp file.curve $other.curve
			done
			[ -z "$buffer" ] || ! cmp -s file.curve before
			cp file.curve before
		done
	done < <(trainings)
}

@test "beyond: predictions are the same bytes from a file as from a pipe" {
	for model in 'hmm-joint --model hypermm' 'hmm-joint --model cnn' hmm-vae; do
		$model -q --train --hidden 4 --epochs 1 -o model <"$made/some.features"
		${model%% *} -w model <"$made/some.features" >file
		cat "$made/some.features" | ${model%% *} -w model | cmp - file
		[ "$(wc -l <file)" = 41 ]
	done
}

@test "beyond: a file may begin where it was read to, and be several streams" {
	{ echo 'a line'; cat "$made/some.sets" "$made/rest.sets"; } >lines
	{ read -r line; hmm-rho -q --train --hidden 4 --epochs 2 -o file; } <lines
	cat "$made/some.sets" "$made/rest.sets" | hmm-rho -q --train --hidden 4 --epochs 2 -o pipe
	[ "$line" = 'a line' ]
	cmp file pipe
}

@test "beyond: memory is the same for a file ten times as long" {
	! grep -q __asan_init "$(command -v hmm-rho)" || skip "AddressSanitizer takes all of the address space"
	while read -r kind program options; do
		for size in 20 200; do
			(ulimit -v 150000 && $program -q $options --epochs 1 -j 1 -o $size <"$made/$size.$kind")
		done
		cmp 20 200
		refuse 1 'out of memory' bash -c "ulimit -v 150000; cat $made/200.$kind | $program -q $options --epochs 1 -j 1 -o pipe"
	done < <(trainings | grep -v 'preset\|batch')
	(ulimit -v 150000 && hmm-rho -q --train --hidden 4 --epochs 1 --shuffle-buffer 16 -j 1 -o buffer <"$made/200.sets")
	hmm-vae -q --train --hidden 4 --latents 2 --epochs 1 -o vae <"$made/some.features"
	(ulimit -v 150000 && hmm-vae -w vae -j 1 <"$made/20.features" >/dev/null)
}

@test "beyond: a file that is cut, changed or replaced while it is learned from" {
	begin() { # and wait until all was read, and so checked
		cp "$made/some.sets" sets
		hmm-rho -q --train --hidden 4 --epochs 1000000 --patience 1000000 --checkpoint last --schedule constant \
			-j 1 -o model <sets 2>said &
		pid=$!
		for i in $(seq 1000); do
			[ "$(sed -n 's/^pos:[^0-9]*//p' "/proc/$pid/fdinfo/0")" != "$(stat -c %s sets)" ] || break
			sleep 0.01
		done
	}
	ends() {
		local code=0
		wait $pid || code=$?
		[ $code = 1 ]
		[ "$(wc -l <said)" = 1 ]
		grep -qE "^hmm-rho: standard input: record [0-9]+ \(s[0-9]+ (MRI|PET)\) changed while it was read" said
		[ ! -e model ]
	}
	begin
	truncate -s 300000 sets
	ends
	begin
	: >sets
	ends
	begin
	tr '<' '=' <sets | dd of=sets conv=notrunc status=none
	ends
	# under another name it is still what it was
	begin
	cp sets other
	mv other sets
	rm sets
	sleep 0.2
	kill -0 $pid
	kill $pid
	wait $pid || :
}

@test "beyond: a buffer is for shuffled samples" {
	refuse 2 'shuffle-buffer goes with --order images' hmm-condition --train --order subjects --shuffle-buffer 8 -o x
	refuse 2 'shuffle-buffer wants 1 or more' hmm-rho --train --shuffle-buffer 0 -o x
}

@test "beyond: a program does not replace what it reads by what it writes" {
	spares() { # FILE COMMAND: which leaves it as it was, and says so
		cp "$1" before
		refuse 1 "^hmm-[a-z]*: [^ ]*$1: is what is read, want another file to write" sh -c "$2"
		cmp before "$1"
	}
	cp "$made/some.features" features && cp "$made/some.sets" sets
	ln -s features linked
	while read -r kind command; do
		case $command in hmm-linear*) command+=' -q' ;; *) command+=' -q --epochs 1' ;; esac
		for output in $kind "./$kind" linked; do
			[ "$output$kind" != linkedsets ] || continue
			spares $kind "$command -o $output <$kind"
		done
		[[ $command == hmm-linear* ]] || spares $kind "$command -o model --curve $kind <$kind"
		# what is read from a pipe may be replaced
		cp $kind other
		cat other | sh -c "$command -o other"
		! cmp -s $kind other || return 1
	done <<-'END'
		features hmm-condition --train
		features hmm-joint --train --model cnn --hidden 4
		features hmm-vae --train --hidden 4 --latents 2
		features hmm-linear --train --model majority
		sets hmm-rho --train --hidden 4
	END
	hmm-joint -q --train --model cnn --hidden 4 --epochs 1 -o joint <features
	hmm-vae -q --train --hidden 4 --latents 2 --epochs 1 -o vae <features
	hmm-linear -q --train --model majority -o linear <features
	hmm-rho -q --train --hidden 4 --epochs 1 -o rho <sets
	for program in joint vae linear; do
		spares $program "hmm-$program -w $program -o $program <features"
		spares features "hmm-$program -w $program -o features <features"
	done
	spares rho 'hmm-rho -w rho -o rho <sets'
	spares sets 'hmm-rho -w rho -o sets <sets'
	spares features 'hmm-explain -w rho -o features <features'
	for option in -w --phi --mean; do
		other=$([ $option = -w ] || echo -w vae)
		spares rho "hmm-explain $other $option rho -o rho <features"
	done
	cp vae w.safetensors
	spares w.safetensors 'hmm-weights w.safetensors -o w.safetensors'
	hmm-rho -w rho <sets >table.tsv
	spares table.tsv 'hmm-calibrate --report table.tsv table.tsv'
	spares table.tsv 'hmm-calibrate --report table.tsv <table.tsv'
	spares table.tsv 'hmm-covariates --columns age --predictions table.tsv -o table.tsv some.tsv'
	spares table.tsv 'hmm-covariates --columns age -o table.tsv table.tsv'
	spares table.tsv 'hmm-covariates --columns age -o table.tsv <table.tsv'
	# a model that is trained further may take its own place
	hmm-joint -q --train -w joint --epochs 1 -o joint <features
}
