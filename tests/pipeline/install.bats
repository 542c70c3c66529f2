load helper

# The tree, installed below a name with a blank, and a shell that sees nothing else of it.
product() {
	local build=$root/build bin=${HMM_BIN:-$root/bin}
	[ "$bin" = "$root/bin" ] || build=$(dirname "$bin")
	destination="$BATS_TEST_TMPDIR/a \"root\" \`touch pwned\` it's"
	make=(env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$root" "BUILD=${build#"$root"/}" "OUT=${bin#"$root"/}"
		"DESTDIR=$destination" PREFIX=/usr)
	"${make[@]}" install
	[ ! -e "$root/pwned" ]
	[ ! -e pwned ]
	product=(env -i "HOME=$BATS_TEST_TMPDIR" "PATH=$destination/usr/bin:/usr/bin:/bin" bash -o pipefail -c)
}

@test "install: a whole product with nothing but its own PATH; uninstall leaves no file" {
	product
	[ "$(find "$destination/usr/bin" -printf '%f\n' | grep -vc '^hmm-[a-z]*$')" = 2 ] # the folder, hypermm
	"${product[@]}" '
		hmm-phantom -o bids --subjects 12 --size 16 --slices 3 --missing 0.4 -s 3
		hmm-weights --random vgg11 --width 0.03 -s 1 -o vgg.safetensors
		hmm-manifest --bids bids --label diagnosis --positive AD | hmm-split --ratio 4:4:4 -s 1 >manifest.tsv
		hypermm run -w vgg.safetensors -o out --condition "--epochs 1" --rho "--epochs 1" manifest.tsv
		hypermm summary out/metrics.tsv
		hypermm slice T1w=bids/sub-001/anat/sub-001_T1w.nii.gz --subject sub-001 | hmm-vgg -w vgg.safetensors |
			hmm-condition -w out/phi.safetensors | hmm-setsum | hmm-rho -w out/rho.safetensors' >said 2>errors || {
		cat errors
		return 1
	}
	grep -q '^auc  *[01]\.' said
	tail -n 1 said | grep -q '^sub-001'
	"${make[@]}" uninstall
	[ -z "$(find "$destination" ! -type d)" ]
	[ -z "$(find "$destination" -name '*hypermm*')" ]
}

@test "install: a page for every program and script" {
	product
	"${product[@]}" 'hypermm --help' >all
	[ "$(grep -c '^  ' all)" -ge 25 ]
	while read -r name _; do
		[[ $name == hmm-* ]] || name=hypermm-$name
		[ -s "$destination/usr/share/man/man1/$name.1" ] || { echo "no page of $name"; false; }
	done < <(grep '^  ' all)
	[ -s "$destination/usr/share/man/man1/hypermm.1" ]
	[ -s "$destination/usr/share/man/man5/hmm-stream.5" ]
	[ -s "$destination/usr/share/man/man7/hmm.7" ]
}

# What bash offers for the last of these words.
offered() {
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
	_hypermm
	printf '%s' "${COMPREPLY[*]}"
}

@test "install: bash completes options, choices, files, folders and names" {
	product
	completions=$destination/usr/share/bash-completion/completions
	[ "$(ls "$completions")" = "$(ls "$destination/usr/bin")" ]
	. "$completions/hmm-slice"
	[ "$(complete -p hmm-slice hypermm | grep -c _hypermm)" = 2 ]
	mkdir folder
	touch file 'b file'
	[ "$(offered hmm-slice --axis '')" = "sagittal coronal axial" ]
	[ "$(offered hmm-slice --axis = c)" = coronal ]
	[ "$(offered hmm-slice --axis =)" = "sagittal coronal axial" ]
	[ "$(offered hmm-show --np)" = --npy ]
	[ "$(offered hmm-show --npy f)" = folder ]
	[ "$(offered hmm-vgg -w f)" = "file folder" ]
	[ "$(offered hmm-vgg -w b)" = "b file" ]
	[ "$(offered hmm-split -s '')" = "" ]
	[ "$(offered hypermm ru)" = run ]
	[ "$(offered hypermm run --co)" = --condition ]
	[ "$(offered hypermm slice --axis c)" = coronal ]
	! command -v zsh >/dev/null || zsh -n "$destination/usr/share/zsh/site-functions/_hypermm"
	[ "$(grep -c -- "--axis=.*(sagittal coronal axial)'" "$destination/usr/share/zsh/site-functions/_hypermm")" = 1 ]
}

@test "dist: of the version's tag, named by it, the same bytes every time" {
	git -C "$root" rev-parse -q --verify HEAD >/dev/null 2>&1 || skip "no repository here"
	git clone -q "$root" tree 2>/dev/null
	cd tree
	version=$(sed -n 's/.*HMM_VERSION "\(.*\)"/\1/p' include/hmm/base/version.h)
	git tag -d "v$version" >/dev/null 2>&1 || true
	unset MAKEFLAGS MFLAGS MAKELEVEL
	if make -s dist 2>errors; then false; fi
	grep -q "^dist: no tag v$version," errors
	[ -z "$(ls hypermm-*.tar.gz 2>/dev/null)" ]
	git tag "v$version"
	make -s dist
	sha256sum "hypermm-$version.tar.gz" >first
	sleep 1
	touch README.md
	make -s dist
	sha256sum -c first
	tar -tzf "hypermm-$version.tar.gz" | grep -qx "hypermm-$version/Makefile"
	[ "$(hmm-show -V | cut -d ' ' -f 2)" = "$version" ]
}
