namespace Multiprocess.Generator.CapnProto;

/// <summary>The layout of a struct: each field goes into the smallest gap that has room, or into a new word.</summary>
internal sealed class StructLayout : FieldSpace
{
    private readonly Gaps _gaps = new();

    public int DataWords { get; private set; }

    public int PointerCount { get; private set; }

    public override void AddVoid()
    {
    }

    public override int AddData(int size)
    {
        if (_gaps.Take(size) is { } found)
        {
            return found;
        }

        int offset = DataWords++ << (Gaps.Word - size);
        _gaps.AddBehind(size, offset + 1);
        return offset;
    }

    public override int AddPointer() => PointerCount++;

    public override bool TryExpand(int size, int offset, int doublings) => _gaps.TryExpand(size, offset, doublings);
}
