using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Emitting;

/// <summary>Prints the codec of a struct.</summary>
internal static class CapnpStructEmitter
{
    public static void Emit(CodeWriter code, CapnpStruct value)
    {
        CapnpFileEmitter.OpenType(code, $"static class {value.Codec}");
        if (!value.IsPart)
        {
            code.Write($"""
                public static void Write(CapnpExchange ipcCall, CapnpPointerBuilder ipcPointer, {value.Type} ipcValue)
                    => Write(ipcCall, ipcPointer.InitStruct({CapnpFileEmitter.Size(value.Size)}), ipcValue);

                """);
        }

        code.Open(
            $"public static void Write(CapnpExchange ipcCall, CapnpStructBuilder ipcStruct, {value.Type} ipcValue)");
        if (value.RefusesNull)
        {
            code.Write("global::System.ArgumentNullException.ThrowIfNull(ipcValue);");
        }

        if (value.Cases.Count != 0)
        {
            EmitWriteOfCase(code, value);
        }
        else if (value.Tag >= 0)
        {
            code.Open("if (ipcValue is { } ipcSome)");
            code.Write($"ipcStruct.WriteUInt16({value.Tag}, 1);");
            CapnpFieldEmitter.Write(code, "ipcStruct", value.Fields[0], "ipcSome");
            code.Close();
        }
        else
        {
            for (int i = 0; i < value.Fields.Count; i++)
            {
                string member = value.Make.Length != 0 ? value.Values[i] : "ipcValue." + value.Fields[i].Name;
                CapnpFieldEmitter.Write(code, "ipcStruct", value.Fields[i], member);
            }
        }

        code.Close();
        code.Space();
        if (!value.IsPart)
        {
            code.Write($"""
                public static {value.Type} Read(CapnpExchange ipcCall, CapnpPointerReader ipcPointer)
                    => Read(ipcCall, ipcPointer.ReadStruct());

                """);
        }

        code.Open($"public static {value.Type} Read(CapnpExchange ipcCall, CapnpStructReader ipcStruct)");
        EmitCreation(code, value);
        code.Close();
        code.Close();
    }

    private static void EmitWriteOfCase(CodeWriter code, CapnpStruct value)
    {
        foreach (var @case in value.Cases)
        {
            code.Open(
                @case.IsExact ? $"if (ipcValue.GetType() == typeof({@case.Type}))" : $"if (ipcValue is {@case.Type})");
            code.Write($"ipcStruct.WriteUInt16({value.Tag}, {@case.Value});");
            CapnpFieldEmitter.Write(code, "ipcStruct", @case.Content, $"(({@case.Type})ipcValue)");
            code.Write("return;");
            code.Close();
            code.Space();
        }

        code.Write(
            $"throw new global::System.ArgumentException(ipcValue.GetType() + "
                + $"{EmitContext.Literal($" is no case of the union {NameOf(value)}.")});");
    }

    private static void EmitReadOfCase(CodeWriter code, CapnpStruct value)
    {
        code.Open($"return ipcStruct.ReadUInt16({value.Tag}) switch");
        foreach (var @case in value.Cases)
        {
            string read = CapnpFieldEmitter.Read("ipcStruct", @case.Content, NameOf(value));
            code.Write($"{@case.Value} => {read},");
        }

        code.Write($"var ipcTag => throw CapnpExchange.UnknownCase({EmitContext.Literal(NameOf(value))}, ipcTag),");
        code.Close("};");
    }

    private static string NameOf(CapnpStruct value) => value.Type.Replace("global::", "");

    private static void EmitCreation(CodeWriter code, CapnpStruct value)
    {
        if (value.Cases.Count != 0)
        {
            EmitReadOfCase(code, value);
            return;
        }

        if (value.Tag >= 0)
        {
            string some = CapnpFieldEmitter.Read("ipcStruct", value.Fields[0], NameOf(value));
            code.Write($"return ipcStruct.ReadUInt16({value.Tag}) == 1 ? ({value.Type}){some} : null;");
            return;
        }

        if (value.Make.Length != 0)
        {
            string made = value.Make;
            for (int i = 0; i < value.Fields.Count; i++)
            {
                made = made.Replace($"{{{i}}}", ReadOf(value, value.Fields[i]));
            }

            code.Write($"return {made};");
            return;
        }

        string arguments = string.Join(", ", value.Arguments.Select(field => ReadOf(value, field)));
        if (value.IsTuple)
        {
            code.Write($"return ({arguments});");
            return;
        }

        if (value.Others.Count == 0)
        {
            code.Write($"return new {value.Type}({arguments});");
            return;
        }

        code.Open($"return new {value.Type}({arguments})");
        foreach (var field in value.Others)
        {
            code.Write($"{field.Name} = {ReadOf(value, field)},");
        }

        code.Close("};");
    }

    private static string ReadOf(CapnpStruct value, CapnpField field)
        => CapnpFieldEmitter.Read("ipcStruct", field, NameOf(value) + "." + field.Name);
}
