load ../pipeline/helper

# A mistake in a pipe is told once, by who made it: every program after that exits 1 and is silent.

# said STATUS... -- PATTERN COMMAND: the statuses of all programs of a pipe, and its only line
said() {
	local want=$1 pattern=$2
	bash -c "$3; echo \"\${PIPESTATUS[@]}\" >statuses" >said.out 2>said.err
	sed -i 's/141/0/g' statuses # it may have been writing when its reader went away
	[ "$(cat statuses)" = "$want" ] || { echo "$3: $(cat statuses), want $want"; cat said.err; return 1; }
	sed -i '/: warning: /d' said.err
	[ "$(wc -l <said.err)" = 1 ] && grep -qE "$pattern" said.err || { echo "$3:"; cat said.err; return 1; }
}

setup_models() {
	tiny_sets 2>/dev/null
	hmm-rho --train -q --epochs 1 -o rho.safetensors <sets.hmm
	scan=$(find study -name '*sub-001*T1w.nii.gz')
}
rest='hmm-condition -w phi.safetensors | hmm-setsum | hmm-rho -w rho.safetensors'

@test "pipes: one line for one failure, wherever it is made" {
	setup_models
	said '1 1 1 1 1' '^hmm-slice: nosuch.nii: ' "hmm-slice T1w=nosuch.nii --subject a | hmm-vgg -w vgg.safetensors | $rest"
	said '0 1 1 1 1' '^hmm-vgg: nosuch: ' "hmm-slice T1w=$scan --subject a | hmm-vgg -w nosuch | $rest"
	said '0 0 1 1 1' '^hmm-condition: nosuch: ' "hmm-slice T1w=$scan --subject a | hmm-vgg -w vgg.safetensors | ${rest/phi.safetensors/nosuch}"
	said '0 0 1 1 1' "^hmm-condition: record 1 .*unknown to the model" "hmm-slice FLAIR=$scan --subject a | hmm-vgg -w vgg.safetensors | $rest"
	said '0 0 0 1 1' '^hmm-setsum: record 1: want a subject' "hmm-slice T1w=$scan | hmm-vgg -w vgg.safetensors | $rest"
	said '1 1 0' '^hmm-gather: nosuch: ' 'hmm-gather -c cache nosuch | hmm-condition --train -o x | cat'
	[ ! -e x ]
	for consumer in 'hmm-rho --train -o x' 'hmm-rho -w rho.safetensors' hmm-show 'hmm-show --json' 'hmm-show --npy .'; do
		said '1 1' '^hmm-setsum: standard input: found a stream of features, want latents' "hmm-setsum <features.hmm | $consumer"
	done
	for consumer in 'hmm-joint --train --model hypermm -o x' 'hmm-vae --train -o x' 'hmm-cache put -c put' 'hmm-condition --train -o x'; do
		said '1 1' '^hmm-gather: nosuch: ' "hmm-gather -c cache nosuch | $consumer"
	done
	said '1 1' '^hmm-slice: nosuch.nii: ' "hmm-slice T1w=nosuch.nii --subject a | hmm-gan --train table --from a --to b -o x"
	said '0 1 1' '^hmm-gan: nosuch: ' "hmm-slice T1w=$scan --subject a | hmm-gan -w nosuch | hmm-vgg -w vgg.safetensors"
	[ ! -e x ]
	[ ! -e put ]
}

@test "pipes: what came before the failure goes through, and the line is not repeated" {
	setup_models
	said '1 1' '^hmm-slice: nosuch.nii: ' "hmm-slice T1w=$scan nosuch.nii --subject a | hmm-show"
	[ "$(grep -c '^a	' said.out)" = 3 ]
	sed '$s/[0-9a-f]\{64\}/nokey/' features.tsv >bad.tsv
	said '1 1 1' "^hmm-gather: bad.tsv: row .* features 'nokey'" 'hmm-gather -c cache bad.tsv | hmm-condition -w phi.safetensors | hmm-show'
}

@test "pipes: a file that a failed program left is told of, and so is one that was cut" {
	setup_models
	! hmm-slice "T1w=$scan" nosuch.nii --subject a >failed.hmm 2>/dev/null || return 1
	refuse 1 'standard input: incomplete: hmm-slice failed after record 3' sh -c 'hmm-vgg -w vgg.safetensors <failed.hmm'
	refuse 1 'failed.hmm: incomplete: hmm-slice failed after record 3, make it again' hmm-show failed.hmm
	# of a pipe it was told before
	cat failed.hmm | hmm-show >/dev/null 2>said.err || [ ! -s said.err ]
	head -c 3000 features.hmm >cut.hmm
	said '0 1 1 1' '^hmm-condition: standard input: byte 3000: the stream ends early' "cat cut.hmm | $rest"
	said '0 1 1 1' '^hmm-condition: standard input: empty' "true | $rest"
}

@test "pipes: a failure is never taken for data, whatever the bytes" {
	setup_models
	! hmm-slice nosuch.nii >failed.hmm 2>/dev/null || return 1
	# the failure is the last: nothing follows it, and nothing is read behind it
	cat failed.hmm features.hmm | hmm-show >shown 2>/dev/null && exit 1
	grep -q '^sub-' shown && exit 1
	cat features.hmm failed.hmm | hmm-condition --train -q --epochs 1 -o x 2>/dev/null && exit 1
	[ ! -e x ]
	long=$(printf 'x%.0s' {1..80})
	printf '\x82\xa3hmm\x01\xa4kind\xa4sets\x81\xa6failed\xd9\x50%s' "$long" | refuse 1 'who failed' hmm-show
	printf '\x82\xa3hmm\x01\xa4kind\xa4sets\x81\xa6failed\x01' | refuse 1 'who failed' hmm-show
}

@test "outputs: opened before anything is read or trained" {
	setup_models
	mkfifo never
	for command in 'hmm-condition --train -o no/such/x' 'hmm-condition --train -o x --curve no/such/x' \
		'hmm-rho --train -o no/such/x' 'hmm-rho -w rho.safetensors -o no/such/x' \
		'hmm-joint --train --model cnn -o no/such/x' 'hmm-vae --train -o no/such/x' 'hmm-vae -w nosuch -o no/such/x' \
		'hmm-gan --train table --from a --to b -o no/such/x' 'hmm-gan --train pix2pix --from a --to b -o x --curve no/such/x' \
		'hmm-show --png no/such/x'; do
		# the pipe has a writer that never writes: who reads first hangs
		exec 9<>never
		refuse 1 'no/such/x: cannot create' timeout 10 sh -c "$command <never"
		exec 9>&-
	done
	[ ! -e x ]
}

@test "outputs: a model and its curve are two files, however they are spelled" {
	tiny_features 2>/dev/null
	for curve in x ./x "$PWD/x" "../${PWD##*/}/x"; do
		refuse 1 'x: of the model and of the curve, want two files' sh -c "hmm-condition --train --epochs 1 -o x --curve '$curve' <features.hmm"
	done
	[ ! -e x ]
	echo old >x
	ln -s x link
	refuse 1 'want two files' sh -c 'hmm-condition --train --epochs 1 -o x --curve link <features.hmm'
	[ "$(cat x)" = old ]
	mkdir y
	hmm-condition -q --train --epochs 1 -o x --curve y/x <features.hmm
	[ "$(wc -l <y/x)" = 2 ]
}
