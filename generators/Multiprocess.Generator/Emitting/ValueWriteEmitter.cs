using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Emitting;

/// <summary>Prints how the members of a value are written.</summary>
internal sealed class ValueWriteEmitter(EmitContext context, ValueModel value)
{
    private readonly CodeWriter _code = context.Code;

    public void Emit(string variable)
    {
        if (value.IsReferenceType)
        {
            EmitTypeCheck(variable);
        }

        _code.Write("context.Enter();");
        switch (value.Layout)
        {
            case ValueLayout.IntegerKeys:
                EmitByIntegerKey(variable);
                break;
            case ValueLayout.StringKeys:
                _code.Write($"writer.WriteMapHeader({value.Members.Count});");
                foreach (var member in value.Members)
                {
                    _code.Write($"writer.Write({member.StringKey});");
                    EmitMember(member, variable);
                }

                break;
            default:
                _code.Write($"writer.WriteArrayHeader({value.Members.Count});");
                foreach (var member in value.Members)
                {
                    EmitMember(member, variable);
                }

                break;
        }

        _code.Write("context.Leave();");
    }

    /// <summary>
    /// Refuses null, which only a nullable use of the type allows, and derived values, whose additional members would
    /// be lost.
    /// </summary>
    private void EmitTypeCheck(string variable)
    {
        _code.Write($"global::System.ArgumentNullException.ThrowIfNull({variable});");
        if (value.MayBeDerived)
        {
            string message = EmitContext.Literal(
                $" derives from {value.DisplayName}; only the members of that type would cross.");
            _code.Write($$"""
                if ({{variable}}.GetType() != typeof({{value.Type}}))
                {
                    throw new global::System.ArgumentException({{variable}}.GetType() + {{message}});
                }

                """);
        }
    }

    private void EmitByIntegerKey(string variable)
    {
        int count = value.Members.Count == 0 ? 0 : value.Members[value.Members.Count - 1].IntegerKey + 1;
        _code.Write($"writer.WriteArrayHeader({count});");
        int next = 0;
        foreach (var member in value.Members)
        {
            for (; next < member.IntegerKey; next++)
            {
                _code.Write($"writer.WriteNil(); // {next}: no member");
            }

            EmitMember(member, variable);
            next++;
        }
    }

    private void EmitMember(ValueMemberModel member, string variable)
        => _code.Write($"{member.Type.Codec}.Write(ref writer, {variable}.{member.Name}, context);");
}
