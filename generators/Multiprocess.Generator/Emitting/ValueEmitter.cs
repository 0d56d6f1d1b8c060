using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Emitting;

/// <summary>Prints the codec of a type that crosses by value.</summary>
internal sealed class ValueEmitter(EmitContext context, ValueModel value)
{
    private readonly CodeWriter _code = context.Code;

    public void Emit()
    {
        string layout = value.Layout switch
        {
            ValueLayout.IntegerKeys => "an array by key, as MessagePack-CSharp writes it",
            ValueLayout.StringKeys => "a map by name, as MessagePack-CSharp writes it",
            _ => "an array of its members in declaration order",
        };
        _code.Write($"// {value.DisplayName} crosses by value: {layout}.");
        context.OpenType($"readonly struct {value.CodecName} : {context.Runtime("IIpcCodec")}<{value.Type}>");
        _code.Write("/// <inheritdoc/>");
        _code.Open(
            $"public static void Write(ref {context.Runtime("MessagePackWriter")} writer, {value.Type} value, "
                + $"{context.Runtime("IpcWriteContext")} context)");
        new ValueWriteEmitter(context, value).Emit("value");
        _code.Close();
        _code.Space();
        _code.Write("/// <inheritdoc/>");
        _code.Open(
            $"public static {value.Type} Read(ref {context.Runtime("MessagePackReader")} reader, "
                + $"{context.Runtime("IpcReadContext")} context)");
        new ValueReadEmitter(context, value).Emit();
        _code.Close();
        _code.Close();
    }
}
