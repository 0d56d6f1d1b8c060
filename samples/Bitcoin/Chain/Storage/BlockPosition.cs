namespace Bitcoin.Chain.Storage;

/// <summary>The position of a record in a numbered file.</summary>
/// <param name="File">The file's number.</param>
/// <param name="Offset">The offset from its start, in bytes.</param>
internal readonly record struct BlockPosition(int File, long Offset);
