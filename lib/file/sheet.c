#include "hmm/file/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/file/letters.h"

enum {
	MARGIN = 4,   /* pixels around everything */
	LONGEST = 22, /* letters for which a column gets wider than its pictures */
	LINES = 3,    /* above a picture: what, by, slice */
	MOST_TILES = 4096,
	MOST_PIXELS = 1 << 26 /* of a sheet, and of its pictures */
};

struct tile {
	size_t row, place, kind;
	size_t nth, column; /* among those three alike in its row; set by place_tiles() */
	long index;
	struct hmm_image image;
};

struct kind {
	char *what, *by;
};

struct hmm_sheet {
	char **row;
	struct kind *kind;
	struct tile *tile;
	size_t rows, kinds, tiles, pixels;
	size_t row_size, kind_size, tile_size; /* bytes */
};

/* Where everything lies. */
struct layout {
	size_t *column; /* [columns]: their widths */
	size_t *row;    /* [rows]: the heights of their pictures */
	size_t columns, height, width, channels;
	int used[LINES]; /* 1: some picture has something to say in that line */
	size_t above;    /* the lines' height */
};

struct hmm_sheet *
hmm_sheet_open(void)
{
	return hmm_alloc(1, sizeof(struct hmm_sheet));
}

void
hmm_sheet_close(struct hmm_sheet *sheet)
{
	if (!sheet)
		return;
	for (size_t i = 0; i < sheet->rows; i++)
		free(sheet->row[i]);
	for (size_t i = 0; i < sheet->kinds; i++) {
		free(sheet->kind[i].what);
		free(sheet->kind[i].by);
	}
	for (size_t i = 0; i < sheet->tiles; i++)
		hmm_image_free(&sheet->tile[i].image);
	free(sheet->row);
	free(sheet->kind);
	free(sheet->tile);
	free(sheet);
}

int
hmm_sheet_row(struct hmm_sheet *sheet, size_t *row, const char *name, size_t most)
{
	void *rows = sheet->row;
	for (*row = 0; *row < sheet->rows; ++*row)
		if (!strcmp(sheet->row[*row], name))
			return 0;
	if (sheet->rows == most)
		return 0;
	if (hmm_grow(&rows, &sheet->row_size, (sheet->rows + 1) * sizeof(*sheet->row)))
		return -1;
	sheet->row = rows;
	sheet->row[sheet->rows] = hmm_strdup(name);
	if (!sheet->row[sheet->rows])
		return -1;
	sheet->rows++;
	return 0;
}

/* The number of such a kind of pictures, or how many there are. */
static size_t
find_kind(const struct hmm_sheet *sheet, const char *what, const char *by)
{
	size_t kind = 0;
	while (kind < sheet->kinds &&
	       (strcmp(sheet->kind[kind].what, what) || strcmp(sheet->kind[kind].by, by)))
		kind++;
	return kind;
}

static int
add_kind(struct hmm_sheet *sheet, const char *what, const char *by)
{
	void *kinds = sheet->kind;
	if (hmm_grow(&kinds, &sheet->kind_size, (sheet->kinds + 1) * sizeof(*sheet->kind)))
		return -1;
	sheet->kind = kinds;
	const struct kind kind = {hmm_strdup(what), hmm_strdup(by)};
	sheet->kind[sheet->kinds++] = kind;
	return kind.what && kind.by ? 0 : -1;
}

int
hmm_sheet_add(struct hmm_sheet *sheet, size_t row, const struct hmm_picture *picture)
{
	const struct hmm_image *image = &picture->image;
	const size_t kind = find_kind(sheet, picture->what, picture->by);
	void *tiles = sheet->tile;
	if (sheet->tiles == MOST_TILES || image->height > (MOST_PIXELS - sheet->pixels) / image->width)
		return hmm_error("%zu pictures and one more for a sheet, want at most %d and %d pixels",
		    sheet->tiles, MOST_TILES, MOST_PIXELS);
	if ((kind == sheet->kinds && add_kind(sheet, picture->what, picture->by)) ||
	    hmm_grow(&tiles, &sheet->tile_size, (sheet->tiles + 1) * sizeof(*sheet->tile)))
		return -1;
	sheet->tile = tiles;
	struct tile *tile = &sheet->tile[sheet->tiles];
	*tile = (struct tile){.row = row,
	    .place = picture->place,
	    .kind = kind,
	    .index = picture->index,
	    .image = *image};
	tile->image.pixels = hmm_alloc_raw(image->channels * image->height, image->width);
	if (!tile->image.pixels)
		return -1;
	memcpy(tile->image.pixels, image->pixels, image->channels * image->height * image->width);
	sheet->tiles++;
	sheet->pixels += image->height * image->width;
	return 0;
}

size_t
hmm_sheet_count(const struct hmm_sheet *sheet)
{
	return sheet->tiles;
}

size_t
hmm_sheet_count_in(const struct hmm_sheet *sheet, size_t row, const char *what, const char *by)
{
	const size_t kind = find_kind(sheet, what, by);
	size_t count = 0;
	for (size_t i = 0; i < sheet->tiles; i++)
		count += sheet->tile[i].row == row && sheet->tile[i].kind == kind;
	return count;
}

static int
compare_columns(const void *left, const void *right)
{
	const struct tile *a = *(struct tile *const *)left, *b = *(struct tile *const *)right;
	const int place = (a->place > b->place) - (a->place < b->place);
	const int kind = (a->kind > b->kind) - (a->kind < b->kind);
	return place ? place : kind ? kind : (a->nth > b->nth) - (a->nth < b->nth);
}

/* Give each tile its column: by place, by kind, and where a row has several of both a column
 * each. 0, or -1 reported. */
static int
place_tiles(struct layout *layout, struct hmm_sheet *sheet)
{
	struct tile **order = hmm_alloc(sheet->tiles, sizeof(struct tile *));
	if (!order)
		return -1;
	for (size_t i = 0; i < sheet->tiles; i++) {
		struct tile *tile = &sheet->tile[i];
		tile->nth = 0;
		for (size_t k = 0; k < i; k++)
			tile->nth += sheet->tile[k].row == tile->row && sheet->tile[k].place == tile->place &&
			             sheet->tile[k].kind == tile->kind;
		order[i] = tile;
	}
	qsort(order, sheet->tiles, sizeof(struct tile *), compare_columns);
	for (size_t i = 0; i < sheet->tiles; i++) {
		layout->columns += i == 0 || compare_columns(&order[i - 1], &order[i]);
		order[i]->column = layout->columns - 1;
	}
	free(order);
	return 0;
}

/* What stands in a line above a tile. */
static const char *
line_text(char *text, size_t size, const struct hmm_sheet *sheet, const struct tile *tile, int line)
{
	snprintf(text, size, "slice %ld", tile->index);
	return line == 0   ? sheet->kind[tile->kind].what
	       : line == 1 ? sheet->kind[tile->kind].by
	                   : (tile->index < 0 ? "" : text);
}

static void
widen(size_t *size, size_t least)
{
	*size = *size < least ? least : *size;
}

/* Of a row, with its name and the gap below it. */
static size_t
row_height(const struct layout *layout, size_t row)
{
	return HMM_LETTER_HEIGHT + layout->above + layout->row[row] + 2 * MARGIN;
}

static int
lay_out(struct layout *layout, struct hmm_sheet *sheet)
{
	char text[32];
	*layout = (struct layout){.height = MARGIN, .width = MARGIN, .channels = 1};
	if (place_tiles(layout, sheet) ||
	    !(layout->column = hmm_alloc(layout->columns, sizeof(*layout->column))) ||
	    !(layout->row = hmm_alloc(sheet->rows, sizeof(*layout->row))))
		return -1;
	for (size_t i = 0; i < sheet->tiles; i++) {
		const struct tile *tile = &sheet->tile[i];
		size_t *column = &layout->column[tile->column];
		widen(column, tile->image.width);
		widen(&layout->row[tile->row], tile->image.height);
		widen(&layout->channels, tile->image.channels);
		for (int line = 0; line < LINES; line++) {
			const size_t count =
			    hmm_letters_count(line_text(text, sizeof(text), sheet, tile, line));
			widen(column, HMM_LETTER_WIDTH * (count < LONGEST ? count : LONGEST));
			layout->used[line] |= count > 0;
		}
	}
	for (size_t i = 0; i < layout->columns; i++)
		layout->width += layout->column[i] + MARGIN;
	for (int line = 0; line < LINES; line++)
		layout->above += layout->used[line] ? HMM_LETTER_HEIGHT : 0;
	for (size_t i = 0; i < sheet->rows; i++)
		layout->height += row_height(layout, i);
	if (layout->height > MOST_PIXELS / layout->width)
		return hmm_error("a sheet of %zu pictures would have %zux%zu pixels, want at most %d",
		    sheet->tiles, layout->width, layout->height, MOST_PIXELS);
	return 0;
}

static void
draw_tile(struct hmm_image *image, const struct hmm_sheet *sheet, const struct layout *layout,
    const struct tile *tile, size_t top)
{
	const struct hmm_image *from = &tile->image;
	const size_t pixels = image->height * image->width, size = from->height * from->width;
	const size_t letters = layout->column[tile->column] / HMM_LETTER_WIDTH;
	size_t left = MARGIN;
	char text[32];
	for (size_t i = 0; i < tile->column; i++)
		left += layout->column[i] + MARGIN;
	for (int line = 0; line < LINES; line++) {
		hmm_letters_draw(
		    image, top, left, line_text(text, sizeof(text), sheet, tile, line), letters);
		top += layout->used[line] ? HMM_LETTER_HEIGHT : 0;
	}
	for (size_t c = 0; c < image->channels; c++)
		for (size_t y = 0; y < from->height; y++)
			memcpy(image->pixels + c * pixels + (top + y) * image->width + left,
			    from->pixels + c % from->channels * size + y * from->width, from->width);
}

static void
draw(struct hmm_image *image, const struct hmm_sheet *sheet, const struct layout *layout)
{
	size_t top = MARGIN;
	for (size_t row = 0; row < sheet->rows; row++) {
		hmm_letters_draw(
		    image, top, MARGIN, sheet->row[row], (layout->width - 2 * MARGIN) / HMM_LETTER_WIDTH);
		for (size_t i = 0; i < sheet->tiles; i++)
			if (sheet->tile[i].row == row)
				draw_tile(image, sheet, layout, &sheet->tile[i], top + HMM_LETTER_HEIGHT);
		top += row_height(layout, row);
	}
}

int
hmm_sheet_draw(struct hmm_image *image, struct hmm_sheet *sheet)
{
	struct layout layout = {0};
	*image = (struct hmm_image){0};
	int bad = sheet->tiles ? lay_out(&layout, sheet) : hmm_error("no pictures for a sheet");
	if (!bad) {
		*image = (struct hmm_image){.channels = layout.channels,
		    .height = layout.height,
		    .width = layout.width,
		    .pixels = hmm_alloc_raw(layout.channels * layout.height, layout.width)};
		bad = !image->pixels;
	}
	if (!bad) {
		memset(image->pixels, 255, image->channels * image->height * image->width);
		draw(image, sheet, &layout);
	}
	free(layout.column);
	free(layout.row);
	return bad ? -1 : 0;
}
