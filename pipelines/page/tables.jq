# Tables as hmm-table --plain prints them, as arrays of objects: numbers where a cell is one and its column no
# name, null for n/a. Columns that are listed are text.
def plain: gsub("\\\\(?<c>[tnr\\\\])"; {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}[.c]);
def cell($column; $texts):
	if . == "n/a" then null
	elif any($texts[]; . == $column) then plain
	elif ($column | test("^(subject|group|modality|modalities|level|path|features|run)$") | not) and
		test("^[-+]?(0|[1-9][0-9]*|(0|[1-9][0-9]*)?\\.[0-9]+|(0|[1-9][0-9]*)\\.)([eE][-+]?[0-9]+)?$") then ltrimstr("+") | tonumber
	else plain end;
def table($texts): [split("\n")[] | select(. != "") | split("\t")] |
	if length == 0 then [] else .[0] as $names |
		[.[1:][] | [$names, .] | transpose | map(.[0] as $c | {key: $c, value: (.[1] | cell($c; $texts))}) | from_entries]
	end;
def table: table([]);
