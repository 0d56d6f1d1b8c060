namespace Multiprocess.Generator.CapnProto;

/// <summary>Where fields are placed: a struct, or a member of a union in it.</summary>
/// <remarks>
/// Fields are placed in the order of their ordinals, so that a field that is added later does not move another. Sizes
/// and offsets are those of <see cref="Gaps"/>.
/// </remarks>
internal abstract class FieldSpace
{
    /// <summary>Places a field without a value.</summary>
    public abstract void AddVoid();

    /// <summary>Places a field of data, and returns its offset in units of its size.</summary>
    public abstract int AddData(int size);

    /// <summary>Places a pointer, and returns its number.</summary>
    public abstract int AddPointer();

    /// <summary>Enlarges a piece of data in place.</summary>
    public abstract bool TryExpand(int size, int offset, int doublings);
}
