using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Emitting;

/// <summary>Prints the codec of an exception type that crosses with its members.</summary>
internal sealed class FaultEmitter(EmitContext context, FaultModel fault)
{
    private readonly CodeWriter _code = context.Code;

    /// <summary>Prints the codec.</summary>
    /// <param name="references">The contracts of the file; they are registered together with the exception.</param>
    public void Emit(IEnumerable<ContractModel> references)
    {
        string type = fault.Value.Type;
        string registry = context.Runtime("IpcContract");
        _code.Write($"/// <summary>Carries a <see cref=\"{type}\"/> to the process that made the call.</summary>");
        context.OpenType($"sealed class {fault.CodecName} : {context.Runtime("IpcFaultCodec")}<{type}>");
        _code.Write($$"""
            public {{fault.CodecName}}() : base({{EmitContext.Literal(fault.WireName)}})
            {
            }

            """);
        context.OpenRegister();
        _code.Write($"{registry}.Register<{type}>(new {fault.CodecName}());");
        foreach (var reference in references.Where(reference => reference.MayBeRoot))
        {
            _code.Write($"{registry}.RegisterClosed<{reference.Type}>(new {reference.StubName}());");
        }

        _code.Close();
        _code.Space();
        _code.Write("/// <inheritdoc/>");
        _code.Open(
            $"public override void Write(ref {context.Runtime("MessagePackWriter")} writer, {type} exception, "
                + $"{context.Runtime("IpcWriteContext")} context)");
        new ValueWriteEmitter(context, fault.Value).Emit("exception");
        _code.Close();
        _code.Space();
        _code.Write("/// <inheritdoc/>");
        _code.Open(
            $"public override {type} Read(ref {context.Runtime("MessagePackReader")} reader, "
                + $"{context.Runtime("IpcReadContext")} context, "
            + "string message, global::System.Exception? innerException)");
        new ValueReadEmitter(context, fault.Value).Emit();
        _code.Close();
        _code.Close();
    }
}
