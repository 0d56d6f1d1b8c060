using System.Buffers;
using System.Runtime.CompilerServices;

namespace Multiprocess.Serialization;

/// <summary>Constructs the package's reader and writer in the field that keeps them.</summary>
/// <remarks>
/// Both are large structs. An assignment constructs another one and copies it to the field with a write barrier, which
/// is about one fortieth of the instructions that a call takes on each side.
/// </remarks>
internal static class Construct
{
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
    public static extern void Reader(ref MessagePackReader reader, ReadOnlyMemory<byte> memory);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
    public static extern void Writer(ref MessagePackWriter writer, IBufferWriter<byte> output);
}
