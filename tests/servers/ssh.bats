load helper

# Two hosts, and the ssh that knows them.
two_hosts() {
	serve hosts hosta hostb
	PATH=$servers/bin:$PATH
}

@test "hosts: two of them, with homes and programs of their own" {
	two_hosts
	[ "$(ssh hosta pwd)" = "$(ssh hostb pwd)" ] || [ "$(id -u)" != 0 ]
	echo mine | ssh hosta 'cat >file'
	[ "$(ssh hosta 'cat ~/file')" = mine ]
	run -1 ssh hostb '[ -e file ]'
	if [ "$(id -u)" = 0 ]; then
		[ "$(ssh hostb hostname)" = hostb ]
		ssh hosta 'touch /tmp/file /run/file'
		run -1 ssh hostb '[ -e /tmp/file ] || [ -e /run/file ] || [ -e '"$PWD"' ]'
		[ ! -e /tmp/file ]
		[ ! -e /run/file ]
	fi
	"$server" give "$servers" hosta "$(command -v hmm-show)"
	[[ $(ssh hosta hmm-show --version) == 'hmm-show '* ]]
	run -127 ssh hostb hmm-show --version
}

@test "hosts: streams pass unchanged, statuses too, and the caller's environment does not" {
	two_hosts
	head -c 3000000 /dev/urandom >bytes
	ssh hostb cat <bytes | cmp - bytes
	run -7 ssh hosta exit 7
	HMM_CPU=plain run -0 ssh hosta 'echo "<${HMM_CPU-}>"'
	[ "$output" = '<>' ]
}

@test "hosts: a folder that they share has its own name there" {
	mkdir shared
	echo here >shared/file
	SHARED=$PWD/shared
	export SHARED
	two_hosts
	[ "$(ssh hosta cat "$PWD/shared/file")" = here ]
	echo there | ssh hostb "cat >$PWD/shared/file"
	[ "$(ssh hosta cat "$PWD/shared/file")" = there ]
	[ "$(cat shared/file)" = there ]
}

@test "hosts: one crashes in the middle of a command, refuses, and comes back with its files" {
	two_hosts
	ssh hosta 'touch kept; echo begun; sleep 60' >said &
	until_true 10 grep begun said
	"$server" crash "$servers" hosta
	local code=0
	wait $! || code=$?
	[ $code = 255 ]
	run -255 ssh hosta true
	[[ $output == *refused* ]]
	ssh hostb true
	"$server" boot "$servers" hosta
	ssh hosta '[ -e kept ]'
	[ -z "$(ssh hosta 'ps ax' | grep '[s]leep 60')" ]
}

@test "hosts: one hangs; only asking whether it lives ends a connection" {
	two_hosts
	ssh -o ServerAliveInterval=1 -o ServerAliveCountMax=2 hosta 'echo begun; sleep 60' >said 2>&1 &
	until_true 10 grep begun said
	"$server" hang "$servers" hosta
	local code=0
	wait $! || code=$?
	[ $code = 255 ]
	code=0
	timeout 2 ssh hosta true || code=$?
	[ $code = 124 ]
	run -255 ssh -o ConnectTimeout=1 hosta true
	"$server" wake "$servers" hosta
	ssh hosta true
}

@test "hosts: nothing is left of them" {
	two_hosts
	ssh hosta 'sleep 77; true' &
	until_true 10 pgrep -f '^sleep 77'
	gone
	wait $! || true
	[ -z "$(pgrep -f '^sleep 77')" ]
}

# Two hundred images, and what a run without hosts makes of them.
images() {
	hmm-phantom -q --kind histology -o slides --subjects 10 --size 32 --images 25 -s 1
	hmm-weights -q --random vgg11 --width 0.03 -s 1 -o vgg.safetensors
	hmm-manifest -q --breakhis slides | sed 201q >manifest.tsv
	[ "$(wc -l <manifest.tsv)" = 201 ]
	cut=(--slice '--resize 32 --crop 32')
	extract -w vgg.safetensors -c local "${cut[@]}" manifest.tsv >local.tsv
	all='2/hosta,2/hostb'
}
# extract on hosts: into features.tsv and cache, what it says into said.
on() { # HOSTS OPTION...
	extract -S "$1" -w vgg.safetensors -c cache "${cut[@]}" "${@:2}" manifest.tsv >features.tsv 2>said
}
like_local() {
	cat said
	cmp features.tsv local.tsv
	diff -r -x journal.tsv local cache
}
stored() { find cache -name '*.hmm' 2>/dev/null | wc -l; }
has_stored() { [ "$(stored)" -ge "$1" ]; } # COUNT
install_on() { # HOST PROGRAM...
	local program
	for program in "${@:2}"; do "$server" give "$servers" "$1" "$(command -v "$program")"; done
}
# A hmm-vgg of HOST that says what a right one says; what it does with slices, the script on standard
# input makes of the real one, "$@". Whether it was asked to do that is in ~/begun.
odd_vgg() { # HOST
	mkdir -p "odd/$1/real" # a program knows its name
	cp "$(command -v hmm-vgg)" "odd/$1/real"
	{
		printf '#!/bin/bash\nset -- "$HOME/bin/real/hmm-vgg" "$@"\ncase $* in *show-history*) exec "$@" ;; esac\necho >>"$HOME/begun"\n'
		cat
	} >"odd/$1/hmm-vgg"
	chmod +x "odd/$1/hmm-vgg"
	"$server" give "$servers" "$1" "odd/$1/real" "odd/$1/hmm-vgg"
}
begun() { ssh "$1" '[ -e begun ]'; } # HOST

@test "extract -S: the bytes of a local run; hosts get the weights once, and keep nothing else" {
	two_hosts
	images
	install_on hosta hmm-vgg
	install_on hostb hmm-vgg
	on "$all" --summary summary
	like_local
	grep -qx $'host\thosta: [1-9][0-9]* images' summary
	grep -qx $'host\thostb: [1-9][0-9]* images' summary
	for host in hosta hostb; do
		ssh $host 'cd && find . -type f ! -path "./bin/*" | grep -v "^[.]/[.]cache/hmm/[0-9a-f]*[.]safetensors$"' >left || true
		[ ! -s left ]
		[ "$(ssh $host 'cat .cache/hmm/*' | sha256sum)" = "$(sha256sum <vgg.safetensors)" ]
	done
	weights=$(ssh hosta 'stat -c "%i %Y" .cache/hmm/*')
	rm -r cache
	printf '# two\n1/hosta # a job\nssh hostb\n' >hosts
	extract --sshloginfile hosts -w vgg.safetensors -c cache "${cut[@]}" manifest.tsv >features.tsv 2>said
	like_local
	[ "$weights" = "$(ssh hosta 'stat -c "%i %Y" .cache/hmm/*')" ]
	rm -r cache
	on 1/:,1/hosta
	like_local
	# all is there: nobody is asked to do anything
	ssh hosta 'rm bin/hmm-vgg'
	extract -w vgg.safetensors -c cache "${cut[@]}" manifest.tsv | cmp - local.tsv
}

@test "extract -S: a host is killed in the middle" {
	two_hosts
	images
	odd_vgg hosta <<<'{ head -c 100000; sleep 60; } | "$@"'
	install_on hostb hmm-vgg
	on "$all" &
	until_true 60 begun hosta
	until_true 60 has_stored 50
	"$server" crash "$servers" hosta
	wait $!
	like_local
	[ "$(grep -c '^extract: hosta: left out: ' said)" = 1 ]
	! grep 'hostb: left out' said || return 1
}

@test "extract -S: a host hangs in the middle" {
	two_hosts
	images
	odd_vgg hosta <<<'{ head -c 100000; sleep 600; } | "$@"'
	install_on hostb hmm-vgg
	on "$all" --ssh 'ssh -o ServerAliveInterval=1 -o ServerAliveCountMax=2 -o ConnectTimeout=2' &
	until_true 60 begun hosta
	"$server" hang "$servers" hosta
	wait $!
	like_local
	[ "$(grep -c '^extract: hosta: left out: ' said)" = 1 ]
}

@test "extract -S: a program of a host is stopped, and the connection lives" {
	two_hosts
	images
	odd_vgg hosta <<<'{ head -c 100000; kill -STOP $$; sleep 600; } | "$@"'
	install_on hostb hmm-vgg
	on "$all" --patience 5
	like_local
	[ "$(grep -c '^extract: hosta: nothing came for 5 seconds$' said)" -ge 1 ] || grep '^extract: hosta: left out: failed twice: nothing came' said
	! grep 'hostb' said || return 1
	# it does not say what it would do
	rm -r cache
	printf '#!/bin/bash\nkill -STOP $$\n' >odd/hosta/hmm-vgg
	"$server" give "$servers" hosta odd/hosta/hmm-vgg
	on "$all" --patience 5
	like_local
	[ "$(grep -c '^extract: hosta: left out: did not answer for 5 seconds$' said)" = 1 ]
}

@test "extract -S: a host that refuses, one without the program, and then none" {
	two_hosts
	images
	install_on hostb hmm-vgg
	on "$all" # hosta has nothing
	like_local
	[ "$(grep -c '^extract: hosta: left out: has no hmm-vgg in its PATH' said)" = 1 ]
	rm -r cache
	"$server" crash "$servers" hosta
	on "$all"
	like_local
	[ "$(grep -c '^extract: hosta: left out: .*refused' said)" = 1 ]
	rm -r cache
	"$server" boot "$servers" hosta
	on 2/hosta && false
	grep -q '^extract: no host is left' said
	[ ! -s features.tsv ]
	[ "$(stored)" = 0 ]
	on nowhere && false
	grep -q '^extract: nowhere: left out: ' said
	# where it is can be said
	ssh hostb 'mkdir "a b" && mv bin/hmm-vgg "a b"'
	on 2/hostb --host-bin 'a b'
	like_local
}

@test "extract -S: other numerics, another version: named before anything is made, and nothing of theirs is kept" {
	two_hosts
	images
	install_on hostb hmm-vgg
	for change in 's/"numerics":\([0-9]*\)/"numerics":1\1/' 's/"version":"/&9/'; do
		odd_vgg hosta <<<'exec "$@"'
		printf '#!/bin/bash\necho "$*" >>"$HOME/asked"\n"$HOME/bin/real/hmm-vgg" "$@" | sed '"'%s'"'\n' "$change" >odd/hosta/hmm-vgg
		"$server" give "$servers" hosta odd/hosta/hmm-vgg
		on "$all" --summary summary
		like_local
		[ "$(grep -c '^extract: hosta: left out: would do {.*, want {' said)" = 1 ]
		ssh hosta 'cat asked' | grep -v -e --show-history && false
		grep -qx $'host\thosta: 0 images, left out' summary
		rm -r cache
		on hosta && false
		[ "$(stored)" = 0 ]
		[ ! -s features.tsv ]
	done
}

# What a host does that promised the right thing: other options, other weights, a stream that is cut,
# nothing, something else.
lies=('"$@" --exact' '"$1" -q -w ~/bin/odd.safetensors' '"$@" | head -c 5000' 'exit 0' 'echo hello')
lie() { # LIE
	hmm-weights -q --random vgg11 --width 0.03 -s 2 -o odd.safetensors
	"$server" give "$servers" hosta odd.safetensors
	odd_vgg hosta <<<"$1"
	echo "a host that does: $1"
}

@test "extract -S: what a host makes and did not promise is not kept" {
	two_hosts
	images
	install_on hostb hmm-vgg
	for lie in "${lies[@]}"; do
		lie "$lie"
		on "$all" --summary summary || true
		cat said
		begun hosta
		[[ $lie == *head* ]] || grep -x $'host\thosta: 0 images.*' summary
		[ "$(diff -r -x journal.tsv local cache | grep -vc '^Only in local')" = 0 ]
		rm -r cache
	done
}

@test "extract -S: what such a host should have made is made by another" {
	two_hosts
	images
	install_on hostb hmm-vgg
	for lie in "${lies[@]}"; do
		lie "$lie"
		on "$all" || { cat said; false; }
		like_local
		rm -r cache
	done
}

@test "extract -S: a host that fails twice is left out, by name" {
	two_hosts
	images
	install_on hostb hmm-vgg
	odd_vgg hosta <<<'kill -9 $$'
	on "$all"
	like_local
	[ "$(grep -c '^extract: hosta: left out: failed twice' said)" = 1 ]
}

@test "extract -S: a shell that says something at its start is no host" {
	two_hosts
	images
	install_on hosta hmm-vgg
	install_on hostb hmm-vgg
	echo 'echo Welcome' | ssh hosta 'cat >.bashrc'
	on "$all"
	like_local
	[ "$(grep -c '^extract: hosta: left out: ' said)" = 1 ]
}

@test "extract -S: an image that fails is named, whichever host gets it; names stay at home" {
	two_hosts
	images
	install_on hosta hmm-vgg
	install_on hostb hmm-vgg
	image=$(find slides -name '*.png' | sort | sed -n 33p)
	cp "$image" kept.png
	head -c 60 kept.png >"$image"
	on "$all" && false
	[ "$(grep -c "$image" said)" = 1 ]
	grep -q '^extract: only 199 of 200 images have features$' said
	cp kept.png "$image"
	on "$all"
	like_local
	cp -- kept.png $'-odd "name"\n$(touch pwned) \\.png'
	awk -F'\t' -v OFS='\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "path") at = i }
		NR == 2 { $at = "-odd \"name\"\\n$(touch pwned) \\\\.png" } NR < 3' manifest.tsv >odd.tsv
	extract -S hosta -w vgg.safetensors -c odd.cache "${cut[@]}" odd.tsv >odd.features
	[ "$(find odd.cache -name '*.hmm' | wc -l)" = 1 ]
	[ ! -e pwned ]
	ssh hosta '[ ! -e pwned ]'
}

@test "extract -S --shared: hosts that see the files cut the images themselves" {
	mkdir 'the folder'
	SHARED="$PWD/the folder"
	export SHARED
	serve hosts hosta hostb
	PATH=$servers/bin:$PATH
	cd 'the folder'
	images
	for host in hosta hostb; do install_on $host hmm-vgg hmm-slice; done
	on "$all" --shared --summary summary
	like_local
	grep -qx $'host\thosta: [1-9][0-9]* images' summary
	grep -qx $'host\thostb: [1-9][0-9]* images' summary
	run -1 ssh hosta '[ -e .cache/hmm ]'
	rm -r cache
	# one that sees other files under the same name
	ssh hosta 'rm bin/hmm-slice'
	on "$all" --shared
	like_local
	[ "$(grep -c '^extract: hosta: left out: ' said)" = 1 ]
}
