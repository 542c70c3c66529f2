load helper

# The first example of the README: what it runs into `commands`, what that prints into `wanted`.
example() {
	awk '
		/^```console$/ && !within { within = 1; next }
		within && /^```$/ { exit }
		within && (/^\$ / || more) { more = /[|\\]$/; sub(/^\$ /, ""); print >"commands"; next }
		within { print >"wanted" }' "$root/README.md"
	[ "$(head -n 1 commands)" = "cd data/demo" ]
	[ "$(wc -l <wanted)" = 2 ]
}
columns() { # FILE: whatever stands between them
	tr -s '\t ' ' ' <"$1"
}

@test "readme: the first example runs as it stands" {
	example
	mkdir -p data/demo
	(
		cd data/demo
		hmm-phantom -o bids --subjects 12 --size 16 --slices 3 --missing 0 -s 3
		hmm-weights --random vgg11 --width 0.03 -s 1 -o vgg11-half.safetensors
		hmm-manifest --bids bids --label diagnosis --positive AD | hmm-split --ratio 4:4:4 -s 1 >manifest.tsv
		extract -w vgg11-half.safetensors -c cache manifest.tsv >features.tsv
		mkdir model
		cp vgg11-half.safetensors model/vgg.safetensors
		hmm-gather -c cache features.tsv | hmm-condition --train --epochs 1 -o model/phi.safetensors
		hmm-gather -c cache features.tsv | hmm-condition -w model/phi.safetensors | hmm-setsum |
			hmm-rho --train --epochs 1 -o model/rho.safetensors
	)
	bash -eo pipefail commands >printed
	[ "$(columns printed | sed 's/[-0-9.]* [-0-9.]* \([^ ]*\)$/\1/')" = \
		"$(columns wanted | sed 's/[-0-9.]* [-0-9.]* \([^ ]*\)$/\1/')" ]
	[ "$(sed -n 2p printed | cut -f 1,4)" = $'sub-002\tT1w+trc-18FFDG_pet' ]
}

@test "readme: after make demo the first example prints what stands there" {
	[ -s "$root/data/demo/report.html" ] || skip "no data/demo here: make demo"
	example
	ln -s "$root/data" data
	bash -eo pipefail commands >printed
	diff <(columns wanted) <(columns printed)
	grep -v 'trc-18FFDG_pet=' commands | sed 's/T1w.nii.gz \\$/T1w.nii.gz |/' >without
	bash -eo pipefail without >printed
	IFS=$'\t' read -r _ logit probability modalities < <(tail -n 1 printed)
	grep -q "still answers ($logit, $probability, $modalities)" "$root/README.md"
}

@test "readme: the tutorial prints what stands there" {
	command -v mustache >/dev/null || skip "no mustache"
	"$root/docs/paste" --check "$root/docs/tutorial.md"
}

@test "readme: the page on features of one's own prints what stands there" {
	"$root/docs/paste" --check "$root/docs/own-features.md"
}

@test "readme: a terminal shows each line whole" {
	cd "$root"
	! LC_ALL=C.UTF-8 grep -nE '^.{100}' README.md CONTRIBUTING.md SECURITY.md docs/numbers.md || return 1
}

@test "readme: names every program" {
	for page in "$root"/bin/hmm-*.1; do
		name=$(basename "$page" .1)
		grep -q "^| \[$name\](bin/$name.1) |" "$root/README.md" || { echo "no line of $name"; return 1; }
		grep -q "^\.It Xr $name 1" "$root/bin/hmm.7" || { echo "hmm.7: no line of $name"; return 1; }
	done
}
