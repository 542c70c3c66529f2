load helper

golden() { echo "$root/tests/golden/$1"; }

@test "hmm-weights: both forms of a checkpoint give the same tensors" {
	for form in zip legacy nested; do
		hmm-weights "$(golden pth_$form.pth)" | grep -v '^#' >$form.tsv
	done
	cmp zip.tsv legacy.tsv
	cmp zip.tsv nested.tsv
	grep -q '^turned	F32	(2,3)$' zip.tsv
	hmm-weights -o a.safetensors "$(golden pth_zip.pth)"
	hmm-weights -o b.safetensors "$(golden pth_legacy.pth)"
	diff <(hmm-weights a.safetensors | grep -v '^#') <(hmm-weights b.safetensors | grep -v '^#')
	grep -aq '"source":"pth_zip.pth"' a.safetensors
}

@test "hmm-weights: seeded weights have torchvision's shapes and the same bytes every time" {
	hmm-weights --random vgg16_bn --width 0.1 -s 4 -o a.safetensors
	hmm-weights --random vgg16_bn --width 0.1 -s 4 -o b.safetensors
	cmp a.safetensors b.safetensors
	hmm-weights --random vgg16_bn --width 0.1 -s 5 -o c.safetensors
	! cmp -s a.safetensors c.safetensors
	[ "$(hmm-weights a.safetensors | grep -c 'weight	F32	(.*,3,3)')" = 13 ]
	hmm-weights a.safetensors | grep -q '^features.41.running_var	F32	(51)$'
}

@test "hmm-weights: --features keeps the convolutional part" {
	refuse 1 'none of the 8 tensors' hmm-weights --features -o x.safetensors "$(golden pth_zip.pth)"
	hmm-weights --random vgg11 --width 0.02 -o a.safetensors
	hmm-weights --features -o b.safetensors a.safetensors
	diff <(hmm-weights a.safetensors | grep -v '^#') <(hmm-weights b.safetensors | grep -v '^#')
}

@test "hmm-weights: the digits in a name are checked" {
	cp "$(golden pth_zip.pth)" model-01234567.pth
	refuse 1 'want 01234567 as in its name' hmm-weights model-01234567.pth
	digits=$(sha256sum <model-01234567.pth | head -c 8)
	mv model-01234567.pth "model-$digits.pth"
	hmm-weights "model-$digits.pth" >/dev/null
}

@test "hmm-weights: refuses what would run, what is no model, wrong usage" {
	refuse 1 'wants posix.system.*refused' hmm-weights "$(golden pth_hostile.pth)"
	echo text >text
	refuse 1 'neither a ZIP archive' hmm-weights text
	: >empty
	refuse 1 'empty' hmm-weights empty
	refuse 1 'cannot open' hmm-weights absent
	refuse 1 "architecture 'vgg12'" hmm-weights --random vgg12 -o x
	refuse 2 'want one file' hmm-weights
	refuse 2 'more than 0' hmm-weights --random vgg11 --width 0 -o x
	[ ! -e x ]
}

@test "hmm-weights: a pipe or a device is refused at once, as are models and arrays" {
	mkfifo pipe
	printf 'subject\tnpy\ns\tpipe\n' >table.tsv
	for command in hmm-weights 'hmm-vgg -w' 'hmm-condition -w' 'hmm-rho -w' 'hmm-joint -w'; do
		refuse 1 'pipe: not a regular file but a pipe' timeout 10 sh -c "$command pipe </dev/null"
		refuse 1 '/dev/zero: not a regular file but a device' timeout 10 sh -c "$command /dev/zero </dev/null"
	done
	refuse 1 'pipe: not a regular file but a pipe' timeout 10 hmm-show --from-npy sets table.tsv
	refuse 1 'not a regular file but a folder' hmm-weights .
}

@test "hmm-weights: a real legacy checkpoint" {
	data=${HMM_DATA:-$root/../shared/data}
	real=$data/weights/vgg19-narrow-original.legacy.pth
	[ -e "$real" ] || skip "no real weights (set HMM_DATA)"
	[ "$(hmm-weights "$real" | grep -c F32)" = 38 ]
	hmm-weights -o real.safetensors "$real"
	refuse 1 'not a VGG of torchvision' sh -c 'hmm-vgg -w real.safetensors </dev/null'
}
