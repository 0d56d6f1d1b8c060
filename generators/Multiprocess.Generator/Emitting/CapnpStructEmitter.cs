using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Emitting;

/// <summary>Prints the codec of a struct.</summary>
internal static class CapnpStructEmitter
{
    public static void Emit(CodeWriter code, CapnpStruct value)
    {
        CapnpFileEmitter.OpenType(code, $"static class {value.Codec}");
        code.Write($"""
            public static void Write(CapnpExchange ipcCall, CapnpPointerBuilder ipcPointer, {value.Type} ipcValue)
                => Write(ipcCall, ipcPointer.InitStruct({CapnpFileEmitter.Size(value.Size)}), ipcValue);

            """);
        code.Open(
            $"public static void Write(CapnpExchange ipcCall, CapnpStructBuilder ipcStruct, {value.Type} ipcValue)");
        if (value.Tag >= 0)
        {
            code.Open("if (ipcValue is { } ipcSome)");
            code.Write($"ipcStruct.WriteUInt16({value.Tag}, 1);");
            CapnpFieldEmitter.Write(code, "ipcStruct", value.Fields[0], "ipcSome");
            code.Close();
        }
        else
        {
            foreach (var field in value.Fields)
            {
                CapnpFieldEmitter.Write(code, "ipcStruct", field, "ipcValue." + field.Name);
            }
        }

        code.Close();
        code.Space();
        code.Write($"""
            public static {value.Type} Read(CapnpExchange ipcCall, CapnpPointerReader ipcPointer)
                => Read(ipcCall, ipcPointer.ReadStruct());

            """);
        code.Open($"public static {value.Type} Read(CapnpExchange ipcCall, CapnpStructReader ipcStruct)");
        EmitCreation(code, value);
        code.Close();
        code.Close();
    }

    private static void EmitCreation(CodeWriter code, CapnpStruct value)
    {
        if (value.Tag >= 0)
        {
            string some = CapnpFieldEmitter.Read("ipcStruct", value.Fields[0], value.Type.Replace("global::", ""));
            code.Write($"return ipcStruct.ReadUInt16({value.Tag}) == 1 ? ({value.Type}){some} : null;");
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
        => CapnpFieldEmitter.Read("ipcStruct", field, value.Type.Replace("global::", "") + "." + field.Name);
}
