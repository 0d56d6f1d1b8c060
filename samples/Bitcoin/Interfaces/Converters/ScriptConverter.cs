using MessagePack;
using Multiprocess;
using NBitcoin;

namespace Bitcoin.Interfaces.Converters;

/// <summary>A script, as its bytes.</summary>
public sealed class ScriptConverter : IIpcConverter<Script>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Script value) => writer.Write(value.ToBytes(@unsafe: true));

    /// <inheritdoc/>
    public static Script Read(ref MessagePackReader reader) => Script.FromBytesUnsafe(Bytes.Read(ref reader, "Script"));
}
