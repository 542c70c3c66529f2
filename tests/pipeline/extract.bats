load helper

@test "extract: every image gets its features; a second run computes nothing" {
	tiny_study
	extract -w vgg.safetensors -c cache -j 2 manifest.tsv >features.tsv
	[ "$(awk -F'\t' 'NR > 1 { print length($NF) }' features.tsv | sort -u)" = 64 ]
	[ "$(wc -l <features.tsv)" = "$(wc -l <manifest.tsv)" ]
	find cache -type f -newermt '1 second ago' | wc -l >/dev/null
	before=$(find cache -name '*.hmm' -printf '%p %T@\n' | sort)
	extract -w vgg.safetensors -c cache -j 2 manifest.tsv >again.tsv
	cmp features.tsv again.tsv
	[ "$before" = "$(find cache -name '*.hmm' -printf '%p %T@\n' | sort)" ]
}

@test "extract: serial, parallel and shuffled runs fill the same cache" {
	tiny_study
	extract -w vgg.safetensors -c one -j 1 manifest.tsv >one.tsv
	(head -n 1 manifest.tsv; tail -n +2 manifest.tsv | sort -r) >shuffled.tsv
	extract -w vgg.safetensors -c two -j 3 shuffled.tsv >two.tsv
	diff -r one two
	cmp <(sort one.tsv) <(sort two.tsv)
	hmm-gather -c one one.tsv >one.hmm
	hmm-gather -c two two.tsv >two.hmm
	cmp one.hmm two.hmm
}

@test "extract: a killed run leaves no torn entry and is resumed" {
	tiny_study
	extract -w vgg.safetensors -c whole manifest.tsv >whole.tsv
	extract -w vgg.safetensors -c cache -j 1 manifest.tsv >killed.tsv &
	sleep 0.3
	pkill -P $! || true
	kill $! 2>/dev/null || true
	wait $! 2>/dev/null || true
	sleep 0.3
	for entry in $(find cache -name '*.hmm'); do hmm-show "$entry" >/dev/null; done
	extract -w vgg.safetensors -c cache manifest.tsv >resumed.tsv
	cmp whole.tsv resumed.tsv
	for entry in $(cd whole && find . -name '*.hmm'); do cmp "whole/$entry" "cache/$entry"; done
}

@test "extract: names with a space, quotes, a dollar, a star, a backslash and a newline" {
	tiny_study
	t1=$(find study -name '*T1w.nii.gz' | sort | head -n 1)
	mkdir folder
	i=0
	for name in 'a b' "c'd" 'e"f' 'g$HOME' 'h*' 'i\n' $'j\nk' '-l' 'm=n'; do
		i=$((i + 1))
		cp "$t1" "folder/$name.nii.gz"
		printf '%s\tT1w\t0\tfolder/' "s$i"
		printf '%s.nii.gz\n' "$name" | sed -z 's/\\/\\\\/g; s/\n\(.\)/\\n\1/g'
	done >rows
	(printf 'subject\tmodality\tlabel\tpath\n'; cat rows) >odd.tsv
	[ "$(wc -l <odd.tsv)" = 10 ]
	extract -w vgg.safetensors -c cache -j 2 odd.tsv >features.tsv
	[ "$(hmm-gather -c cache features.tsv | hmm-show | grep -c '^s[0-9]')" = 9 ]
	# one content, one entry
	[ "$(awk -F'\t' 'NR > 1 { print $NF }' features.tsv | sort -u | wc -l)" = 1 ]
}

@test "extract: other options, other weights, another image: another entry" {
	tiny_study
	head -n 2 manifest.tsv >one.tsv
	hmm-weights --random vgg11 --width 0.03 -s 2 -o other.safetensors
	extract -w vgg.safetensors -c cache one.tsv >a.tsv
	extract -w other.safetensors -c cache one.tsv >b.tsv
	extract -w vgg.safetensors -c cache --slice '--axis coronal' one.tsv >c.tsv
	[ "$(cat a.tsv b.tsv c.tsv | awk -F'\t' '$NF != "features" { print $NF }' | sort -u | wc -l)" = 3 ]
	[ "$(find cache -name '*.hmm' | wc -l)" = 3 ]
}

@test "extract: a broken image is named; what was computed stays" {
	tiny_study
	head -c 500 "$(find study -name '*T1w.nii.gz' | sort | head -n 1)" >broken.nii.gz
	(head -n 3 manifest.tsv; printf 'x\tT1w\t0\tx\ttrain\tbroken.nii.gz\t1\tM\n') >mixed.tsv
	run extract -w vgg.safetensors -c cache mixed.tsv
	[ "$status" = 1 ]
	[[ "$output" == *"broken.nii.gz"*"only 2 of 3 images"* ]]
	[ "$(find cache -type f | wc -l)" = 2 ]
	refuse 1 'cannot read the weights' extract -w absent -c cache manifest.tsv
}
