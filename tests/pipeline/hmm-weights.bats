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
	if cmp -s a.safetensors c.safetensors; then return 1; fi
	[ "$(hmm-weights a.safetensors | grep -c 'weight	F32	(.*,3,3)')" = 13 ]
	hmm-weights a.safetensors | grep -q '^features.41.running_var	F32	(51)$'
}

@test "hmm-weights: --features keeps the convolutional part" {
	refuse 1 'none of the 8 tensors' hmm-weights --features -o x.safetensors "$(golden pth_zip.pth)"
	hmm-weights --random vgg11 --width 0.02 -o a.safetensors
	hmm-weights --features -o b.safetensors a.safetensors
	diff <(hmm-weights a.safetensors | grep -v '^#') <(hmm-weights b.safetensors | grep -v '^#')
}

# A file's features are those of another one, to the byte.
same_features() { # FILE OTHER [OPTION]...
	hmm-weights -q --features "${@:3}" -o same.safetensors "$1"
	hmm-weights -q --features -o other.safetensors "$2"
	diff <(hmm-weights same.safetensors | tail -n +2) <(hmm-weights other.safetensors | tail -n +2)
	local data
	data=$(hmm-weights other.safetensors | awk -F'\t' '$2 == "F32" { n = 4; k = split(substr($3, 2), s, /[,)]/); for (i = 1; i < k; i++) n *= s[i]; all += n } END { print all }')
	cmp <(tail -c "$data" same.safetensors) <(tail -c "$data" other.safetensors)
}

@test "hmm-weights: torchvision's files of before 0.4 and of Python 2 make the VGG that their tensors are" {
	hmm-phantom -o study --subjects 1 --size 32 --slices 1 --missing 0 -s 1
	hmm-slice --resize 0 --crop 0 study/sub-001/anat/sub-001_T1w.nii.gz >slices.hmm
	for arch in vgg11 vgg13 vgg16 vgg19; do
		file=$(echo "$root/tests/golden/$arch"-????????.pth)
		channels=8
		# the README's line
		hmm-weights --features -o $arch.safetensors "$file"
		same_features "$file" "$(golden pth_$arch.safetensors)"
		hmm-vgg -w $arch.safetensors <slices.hmm | hmm-show | tail -n 1 >have
		hmm-vgg -w "$(golden pth_$arch.safetensors)" <slices.hmm | hmm-show | tail -n 1 | cmp - have
		[ "$(cut -f 10 have)" = "($channels,1,1)" ]
		[ "$(hmm-weights "$file" | grep -c classifier)" = 6 ]
	done
}

@test "hmm-weights: what stands beside a state_dict is passed over; its entry is found or named" {
	for form in extras parallel inner; do same_features "$(golden pth_$form.pth)" "$(golden pth_small.safetensors)"; done
	for entry in state_dict ema; do
		same_features "$(golden pth_two_entries.pth)" "$(golden pth_small.safetensors)" --entry $entry
	done
	same_features "$(golden pth_other_entry.pth)" "$(golden pth_small.safetensors)" --entry nested/teacher
	refuse 1 "holds tensors in its entries 'state_dict' and 'ema': choose with --entry" hmm-weights "$(golden pth_two_entries.pth)"
	refuse 1 "holds no tensors but within its entries 'nested': choose with --entry" hmm-weights "$(golden pth_other_entry.pth)"
	refuse 1 "no dict in an entry 'teacher', want one of: 'nested'" hmm-weights --entry teacher "$(golden pth_other_entry.pth)"
	refuse 1 'safetensors have no entries' hmm-weights --entry model "$(golden pth_small.safetensors)"

	# said in one line, and in what is written
	hmm-weights --features -o x "$(golden pth_extras.pth)" 2>said
	[ "$(cat said)" = "hmm-weights: $(golden pth_extras.pth): took the tensors of its entry 'state_dict'" ]
	grep -aq '"entry":"state_dict"' x
	hmm-weights "$(golden pth_extras.pth)" | grep -q '^# entry	state_dict$'
}

@test "hmm-weights: a prefix is found or named" {
	for prefix in student. teacher.; do
		same_features "$(golden pth_two_prefixes.pth)" "$(golden pth_small.safetensors)" --prefix $prefix
	done
	refuse 1 "behind the prefixes 'student.' and 'teacher.': choose with --prefix" \
		hmm-weights --features "$(golden pth_two_prefixes.pth)"
	refuse 1 "none of the 4 tensors is named pupil\.\*" hmm-weights --prefix pupil. "$(golden pth_two_prefixes.pth)"
	[ "$(hmm-weights "$(golden pth_two_prefixes.pth)" | grep -c '^student')" = 2 ]
	hmm-weights --features -o x "$(golden pth_parallel.pth)" 2>said
	grep -q "behind the prefix 'module.'$" said
	[ "$(wc -l <said)" = 1 ]
	grep -aq '"prefix":"module."' x

	# of a file that has more than a VGG, and of features that stand alone
	header='{"head.weight":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"encoder.features.0.bias":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}'
	safetensors() { printf "\\x$(printf %02x ${#1})\\0\\0\\0\\0\\0\\0\\0%s\\0\\0\\200\\77\\0\\0\\0\\100" "$1"; }
	safetensors "$header" >more
	[ "$(hmm-weights --features more | tail -n 1)" = 'features.0.bias	F32	(1)' ]
	hmm-weights more | grep -q '^encoder.features'
	safetensors '{"encoder.0.bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}' >alone
	[ "$(hmm-weights --features --prefix encoder. alone | tail -n 1)" = 'features.0.bias	F32	(2)' ]
	safetensors '{"a.features.0.b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a.features.module.0.b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}' >twice
	refuse 1 "two tensors are named 'features.0.b'" hmm-weights twice
}

@test "hmm-weights: of a network of any kind module. is taken away where all names have it" {
	hmm-weights -o x "$(golden generator_resnet.pth)" 2>said
	grep -q "behind the prefix 'module.'$" said
	grep -aq '"prefix":"module."' x
	hmm-weights x | grep -q '^model.10.conv_block.5.weight	F32	(8,8,3,3)$'
	! hmm-weights x | grep -q module || return 1
	safetensors() { printf "\\x$(printf %02x ${#1})\\0\\0\\0\\0\\0\\0\\0%s\\0\\0\\200\\77\\0\\0\\0\\100" "$1"; }
	safetensors '{"module.a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"module.b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}' >all
	[ "$(hmm-weights all | cut -f 1 | tail -n 2 | paste -s)" = 'a	b' ]
	safetensors '{"module.a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"modul.b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}' >some
	[ "$(hmm-weights some | cut -f 1 | tail -n 2 | paste -s)" = 'module.a	modul.b' ]
}

@test "hmm-weights: running statistics of norms without parameters are listed and not written" {
	for name in resnet:27 unet_in:21; do
		file=$(golden generator_${name%:*}.pth)
		hmm-weights -o x "$file" 2>said
		grep -q ": left out ${name#*:} running statistics of norms that have no parameters$" said
		hmm-weights "$file" | grep -E 'running_|num_batches' | wc -l | grep -qx "${name#*:}"
		diff <(hmm-weights "$file" | grep -vE '^#|running_|num_batches') <(hmm-weights x | grep -v '^#')
		# from safetensors too, and once they are gone there is nothing to say
		hmm-weights -o y x 2>said
		[ ! -s said ]
	done
	# those of a batch norm stay
	hmm-weights -o x "$(golden generator_unet.pth)" 2>said
	[ ! -s said ]
	diff <(hmm-weights "$(golden generator_unet.pth)" | grep -v '^#') <(hmm-weights x | grep -v '^#')
}

@test "hmm-weights: a tensor that is wanted and would be made by a call is an error, another is left out" {
	refuse 1 "'features.0.weight' is of type posix.system, which is not read" hmm-weights --features "$(golden pth_call.pth)"
	refuse 1 "'features.0.weight' is of type posix.system, which is not read" hmm-weights -o x "$(golden pth_call.pth)"
	[ ! -e x ]
	hmm-weights "$(golden pth_call.pth)" | grep -q '^features.0.weight	posix.system	n/a$'
	[ ! -s refused.out ]
	header='{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"m":{"dtype":"BOOL","shape":[4],"data_offsets":[4,8]}}'
	printf "\\x$(printf %02x ${#header})\\0\\0\\0\\0\\0\\0\\0%s\\0\\0\\200\\77\\1\\0\\1\\0" "$header" >mask
	hmm-weights mask | grep -q '^m	BOOL	(4)$'
	hmm-weights -o x mask 2>said
	grep -q "left out 1 that are not read, the first is 'm' of type BOOL" said
	[ "$(hmm-weights x | grep -c F32)" = 1 ]
}

@test "hmm-weights: numbers that PyTorch would negate or conjugate are refused, empty metadata is none" {
	for kind in neg conj; do
		refuse 1 "'features.0.weight' is of type $kind view, which is not read" hmm-weights --features "$(golden pth_$kind.pth)"
		hmm-weights "$(golden pth_$kind.pth)" | grep -q "^features.0.weight	$kind view	"
	done
	for kind in plain none; do same_features "$(golden pth_$kind.pth)" "$(golden pth_small.safetensors)"; done
}

@test "hmm-weights: a control character in a name does not reach the terminal, other signs do" {
	refuse 1 '^hmm-weights: a\?b\?\?31mc\?\?dé–Â\.pth: cannot open' hmm-weights $'a\eb\xc2\x9b31mc\xc2\x80dé–Â.pth'
	! LC_ALL=C grep -q $'[\x80-\x9f]31m' refused.err || return 1
}

@test "hmm-weights: the digits in a name are checked" {
	cp "$(golden pth_zip.pth)" model-0123456a.pth
	refuse 1 'want 0123456a as in its name' hmm-weights model-0123456a.pth
	digits=$(sha256sum <model-0123456a.pth | head -c 8)
	mv model-0123456a.pth "model-$digits.pth"
	hmm-weights "model-$digits.pth" >/dev/null
	# only where they are a digest: no step or day, no other place, number or kind of file
	for name in checkpoint-00000100.pth model-20240131.pth model-0123456a.safetensors model-0123456a.pt \
		model-012345a.pth model-01234567a.pth my-model-0123456a.pth model_0123456a.pth model-0123456G.pth; do
		cp "model-$digits.pth" $name
		hmm-weights $name >/dev/null
	done
	mkdir model-0123456a.pth.d
	cp "model-$digits.pth" model-0123456a.pth.d/x
	hmm-weights model-0123456a.pth.d/x >/dev/null
	cp "model-$digits.pth" vgg13-19584684.pth # torchvision's
	refuse 1 'want 19584684 as in its name: damaged download' hmm-weights vgg13-19584684.pth
}

@test "hmm-weights: refuses what would run, what is no model, wrong usage" {
	refuse 1 "holds no tensors: its 'a' is what posix.system would make, which is never called" hmm-weights "$(golden pth_hostile.pth)"
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
	for command in hmm-weights 'hmm-vgg -w' 'hmm-condition -w' 'hmm-rho -w' 'hmm-joint -w' 'hmm-gan -w'; do
		refuse 1 'pipe: not a regular file but a pipe' timeout 10 sh -c "$command pipe </dev/null"
		refuse 1 '/dev/zero: not a regular file but a device' timeout 10 sh -c "$command /dev/zero </dev/null"
	done
	refuse 1 'pipe: not a regular file' timeout 10 hmm-show --from-npy sets table.tsv
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
