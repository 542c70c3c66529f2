# Tables as hmm-table --plain prints them, as arrays of objects: numbers where a cell is one and its column no
# name, null for n/a.
def plain: gsub("\\\\(?<c>[tnr\\\\])"; {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}[.c]);
def cell($column):
	if . == "n/a" then null
	elif ($column | test("^(subject|group|modality|modalities|level|path|features|run)$") | not) and
		test("^-?(0|[1-9][0-9]*)(\\.[0-9]+)?(e[-+]?[0-9]+)?$") then tonumber
	else plain end;
def table: [split("\n")[] | select(. != "") | split("\t")] |
	if length == 0 then [] else .[0] as $names |
		[.[1:][] | [$names, .] | transpose | map(.[0] as $c | {key: $c, value: (.[1] | cell($c))}) | from_entries]
	end;
