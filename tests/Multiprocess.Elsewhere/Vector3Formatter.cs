using System.Numerics;
using MessagePack;
using MessagePack.Formatters;

namespace Elsewhere;

/// <summary>For a type of the framework that nothing has annotated.</summary>
public sealed class Vector3Formatter : IMessagePackFormatter<Vector3>
{
    public void Serialize(ref MessagePackWriter writer, Vector3 value, MessagePackSerializerOptions options)
    {
        writer.WriteArrayHeader(3);
        writer.Write(value.X);
        writer.Write(value.Y);
        writer.Write(value.Z);
    }

    public Vector3 Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
        => reader.ReadArrayHeader() is var count && count == 3
            ? new Vector3(reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle())
            : throw new MessagePackSerializationException($"A vector. Expected 3 numbers, got {count}.");
}
