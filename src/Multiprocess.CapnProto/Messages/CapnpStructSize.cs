namespace Multiprocess.CapnProto.Messages;

/// <summary>The space of a struct: first its data, then its pointers.</summary>
/// <param name="DataWords">Words of 8 bytes for numbers and flags.</param>
/// <param name="PointerCount">Number of pointers, of 8 bytes each.</param>
public readonly record struct CapnpStructSize(ushort DataWords, ushort PointerCount)
{
    /// <summary>Words of 8 bytes in total.</summary>
    public int Words => DataWords + PointerCount;
}
