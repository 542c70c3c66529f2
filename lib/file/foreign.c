#include "foreign.h"

#include <string.h>
#include <strings.h>

/* What stands at a place of the file. */
static const struct {
	size_t at, size;
	const char *bytes, *advice;
} marks[] = {
    {128, 4, "DICM", "DICOM: dcm2niix makes NIfTI of its folder"},
    {0, 4, "\0\0\0\1", "FreeSurfer's MGH: mri_convert in.mgz out.nii.gz"},
    {0, 4, "NRRD", "NRRD: slicer's or ITK's ConvertImage makes NIfTI of it"},
    {0, 10, "ObjectType", "MetaImage: ITK's ConvertImage makes NIfTI of it"},
    {0, 4, "\x89HDF", "HDF5, MINC 2 perhaps: mnc2nii, or mri_convert in.mnc out.nii.gz"},
    {0, 3, "CDF", "NetCDF, MINC 1 perhaps: mnc2nii, or mri_convert in.mnc out.nii.gz"},
    {0, 3, "\xff\xd8\xff", "JPEG: djpeg in.jpg | hmm-slice MODALITY=-"},
    {0, 4, "II*\0", "TIFF: tifftopnm in.tif | hmm-slice MODALITY=-"},
    {0, 4, "MM\0*", "TIFF: tifftopnm in.tif | hmm-slice MODALITY=-"},
    {0, 4, "II+\0", "BigTIFF: libvips' vips copy in.tif out.png"},
    {0, 4, "GIF8", "GIF: giftopnm in.gif | hmm-slice MODALITY=-"},
    {0, 2, "BM", "BMP: bmptopnm in.bmp | hmm-slice MODALITY=-"},
    {8, 4, "WEBP", "WebP: dwebp -ppm in.webp -o - | hmm-slice MODALITY=-"},
    {4, 4, "jP  ", "JPEG 2000: opj_decompress -i in.jp2 -o out.png"},
    {0, 5, "%PDF-", "PDF: pdftoppm makes PNM of its pages"},
    {0, 4, "PK\3\4", "a ZIP archive: unpack it first"},
    {0, 4, "TYPE", "an AFNI header: 3dAFNItoNIFTI makes NIfTI of it"},
    {0, 1, "<", "XML or HTML, a failed download perhaps"},
    {0, 8, "version ", "a pointer of git-lfs: git lfs pull fetches the file"},
    {0, 16, "/annex/objects/S", "a pointer of git-annex: git annex get fetches the file"},
};

/* What a name ends in. */
static const struct {
	const char *end, *advice;
} ends[] = {
    {".dcm", "DICOM without its mark: dcm2niix makes NIfTI of its folder"},
    {".ima", "DICOM without its mark: dcm2niix makes NIfTI of its folder"},
    {".brik", "AFNI: 3dAFNItoNIFTI makes NIfTI of it"},
    {".rec", "Philips PAR/REC: dcm2niix makes NIfTI of it"},
    {".par", "Philips PAR/REC: dcm2niix makes NIfTI of it"},
    {".mif", "MRtrix: mrconvert in.mif out.nii.gz"},
    {".svs", "a whole slide: OpenSlide's openslide-write-png cuts PNGs out of it"},
};

const char *
hmm_foreign(const unsigned char *start, size_t size, const char *path)
{
	const size_t length = strlen(path);
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (size >= marks[i].at + marks[i].size &&
		    !memcmp(start + marks[i].at, marks[i].bytes, marks[i].size))
			return marks[i].advice;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (length > strlen(ends[i].end) &&
		    !strcasecmp(path + length - strlen(ends[i].end), ends[i].end))
			return ends[i].advice;
	return NULL;
}
