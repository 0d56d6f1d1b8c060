namespace Bitcoin.Chain.Storage;

/// <summary>Where something begins in a numbered file.</summary>
/// <param name="File">The file's number.</param>
/// <param name="Offset">Bytes from its beginning.</param>
internal readonly record struct BlockPosition(int File, long Offset);
