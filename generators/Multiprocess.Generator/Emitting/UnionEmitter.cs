using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Emitting;

/// <summary>Prints the codec of a closed hierarchy.</summary>
internal sealed class UnionEmitter(EmitContext context, UnionModel union)
{
    private readonly CodeWriter _code = context.Code;

    public void Emit()
    {
        _code.Write($"// {union.DisplayName} crosses as one of its cases: [key, value].");
        context.OpenType($"readonly struct {union.CodecName} : {context.Runtime("IIpcCodec")}<{union.Type}>");
        _code.Write("/// <inheritdoc/>");
        _code.Open(
            $"public static void Write(ref {context.Runtime("MessagePackWriter")} writer, {union.Type} value, "
                + $"{context.Runtime("IpcWriteContext")} context)");
        EmitWrite();
        _code.Close();
        _code.Space();
        _code.Write("/// <inheritdoc/>");
        _code.Open(
            $"public static {union.Type} Read(ref {context.Runtime("MessagePackReader")} reader, "
                + $"{context.Runtime("IpcReadContext")} context)");
        EmitRead();
        _code.Close();
        _code.Close();
    }

    private void EmitWrite()
    {
        _code.Write("global::System.ArgumentNullException.ThrowIfNull(value);");
        _code.Write("context.Enter();");
        foreach (var @case in union.Cases)
        {
            string test = @case.IsExact
                ? $"value.GetType() == typeof({@case.Type.Type})"
                : $"value is {@case.Type.Type}";
            _code.Write($$"""
                if ({{test}})
                {
                    writer.WriteArrayHeader(2);
                    writer.Write({{@case.Key}});
                    {{@case.Type.Codec}}.Write(ref writer, ({{@case.Type.Type}})value, context);
                    context.Leave();
                    return;
                }

                """);
        }

        _code.Write(
            $"throw new global::System.ArgumentException(value.GetType() + "
                + $"{EmitContext.Literal($" is no case of the union {union.DisplayName}.")});");
    }

    private void EmitRead()
    {
        string fewer = EmitContext.Literal($"Expected [key, value] for the union {union.DisplayName}.");
        _code.Write($$"""
            context.Enter();
            if (context.ReadArrayHeader(ref reader) != 2)
            {
                throw new global::Multiprocess.IpcProtocolException({{fewer}});
            }

            int key = {{context.Runtime("Int32Codec")}}.Read(ref reader, context);
            """);
        _code.Open($"{union.Type} value = key switch");
        foreach (var @case in union.Cases)
        {
            _code.Write($"{@case.Key} => {@case.Type.Codec}.Read(ref reader, context),");
        }

        string unknown = EmitContext.Literal($"The union {union.DisplayName} has no case with the key ")
            + " + key + \": the two sides have different versions of it.\"";
        _code.Write(
            $"_ => throw new global::Multiprocess.IpcException(global::Multiprocess.IpcErrorKind.ArgumentNotDecoded, "
                + $"{unknown}),");
        _code.Close("};");
        _code.Write("""
            context.Leave();
            return value;
            """);
    }
}
