using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Emitting;

/// <summary>Prints how a value is read: missing members get their defaults, unknown members are skipped.</summary>
internal sealed class ValueReadEmitter(EmitContext context, ValueModel value)
{
    private readonly CodeWriter _code = context.Code;

    /// <summary>
    /// The approximate memory of one object, without the objects its members refer to. A struct counts as part of its
    /// container.
    /// </summary>
    private int ObjectSize => value.IsReferenceType ? 16 + (8 * value.Members.Count) : 0;

    public void Emit()
    {
        _code.Write("context.Enter();");
        if (ObjectSize != 0)
        {
            _code.Write($"context.Charge(bytes: {ObjectSize});");
        }

        switch (value.Layout)
        {
            case ValueLayout.IntegerKeys:
                EmitByIntegerKey();
                break;
            case ValueLayout.StringKeys:
                EmitByStringKey();
                break;
            default:
                EmitInOrder();
                break;
        }

        _code.Write("context.Leave();");
        EmitConstruction();
    }

    private static string Read(ValueMemberModel member) => $"{member.Type.Codec}.Read(ref reader, context)";

    private string Otherwise(ValueMemberModel member)
        => member.Default
            ?? $"throw new "
                + $"global::Multiprocess.IpcProtocolException({EmitContext.Literal($"The member '{member.Name}' of {value.DisplayName} is missing.")})";

    private void EmitInOrder()
    {
        _code.Write("int count = context.ReadArrayHeader(ref reader);");
        for (int i = 0; i < value.Members.Count; i++)
        {
            var member = value.Members[i];
            _code.Write($"{member.Type.Type} {member.Local} = count > {i} ? {Read(member)} : {Otherwise(member)};");
        }

        EmitSkip(value.Members.Count);
    }

    private void EmitSkip(int known) => _code.Write($$"""
        for (int index = {{known}}; index < count; index++)
        {
            context.Skip(ref reader);
        }

        """);

    private void EmitByIntegerKey()
    {
        _code.Write("int count = context.ReadArrayHeader(ref reader);");
        int next = 0;
        foreach (var member in value.Members)
        {
            for (; next < member.IntegerKey; next++)
            {
                _code.Write($$"""
                    if (count > {{next}})
                    {
                        context.Skip(ref reader); // {{next}}: no member
                    }

                    """);
            }

            _code.Write($"{member.Type.Type} {member.Local} = count > {next} ? {Read(member)} : {Otherwise(member)};");
            next++;
        }

        EmitSkip(next);
    }

    private void EmitByStringKey()
    {
        // Keys come in any order, so members without a default are remembered when they are seen.
        foreach (var member in value.Members)
        {
            _code.Write($"{member.Type.Type} {member.Local} = {member.Default ?? "null!"};");
        }

        _code.Write("int count = context.ReadMapHeader(ref reader);");
        _code.Open("for (int index = 0; index < count; index++)");
        _code.Open("switch (context.ReadKey(ref reader))");
        foreach (var member in value.Members)
        {
            _code.Write($"""
                case {member.StringKey}:
                    {member.Local} = {Read(member)};
                    break;
                """);
        }

        _code.Write("""
            default:
                context.Skip(ref reader);
                break;
            """);
        _code.Close();
        _code.Close();
        _code.Space();
        foreach (var member in value.Members.Where(member => member.Default is null))
        {
            _code.Write($$"""
                if ({{member.Local}} is null)
                {
                    {{Otherwise(member)}};
                }

                """);
        }
    }

    private void EmitConstruction()
    {
        if (value.Shared is { } shared)
        {
            _code.Write($"return {shared};");
            return;
        }

        string arguments = string.Join(
            ", ",
            value.ConstructorArguments.Select(argument => $"{argument.Name}: {argument.Value}"));
        string creation = $"return new {value.Type}({arguments})";
        if (value.Initialized.Count == 0)
        {
            _code.Write(creation + ";");
            return;
        }

        _code.Open(creation);
        foreach (var member in value.Initialized)
        {
            _code.Write($"{member.Name} = {member.Value},");
        }

        _code.Close("};");
    }
}
