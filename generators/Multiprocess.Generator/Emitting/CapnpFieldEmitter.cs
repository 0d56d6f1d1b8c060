using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Emitting;

/// <summary>Prints how one value is written into a struct or a list, and read from it.</summary>
internal static class CapnpFieldEmitter
{
    /// <summary>Writes a field of a struct.</summary>
    /// <param name="code">The output.</param>
    /// <param name="target">The struct.</param>
    /// <param name="field">The field.</param>
    /// <param name="value">The value.</param>
    public static void Write(CodeWriter code, string target, CapnpField field, string value)
    {
        if (field.Has < 0)
        {
            WriteValue(code, target, field, value);
            return;
        }

        if (!field.Type.AdmitsNull)
        {
            code.Write($"{target}.WriteBool({field.Has}, true);");
            WriteValue(code, target, field, value);
            return;
        }

        code.Open($"if ({value} is {{ }} {field.Local})");
        code.Write($"{target}.WriteBool({field.Has}, true);");
        var there = field.Type with { AdmitsNull = false, IsNullableValue = false };
        WriteValue(code, target, field with { Type = there }, field.Local);
        code.Close();
    }

    /// <summary>The expression that reads a field of a struct.</summary>
    /// <param name="source">The struct.</param>
    /// <param name="field">The field.</param>
    /// <param name="label">The field's name in messages.</param>
    public static string Read(string source, CapnpField field, string label)
    {
        if (field.Has >= 0 && field.Type.AdmitsNull)
        {
            var there = field with { Type = field.Type with { AdmitsNull = false, IsNullableValue = false }, Has = -1 };
            return $"{source}.ReadBool({field.Has}) ? ({field.Type.FullType}){Read(source, there, label)} : null";
        }

        return field.Type.Form switch
        {
            CapnpForm.Number => ReadNumber(
                $"{source}.Read{field.Type.Wire}({field.Offset}{Default(field)})", field.Type),
            CapnpForm.Group => $"{field.Type.Codec}.Read(ipcCall, {source})",
            CapnpForm.Void => "default",
            _ => ReadPointer($"{source}.Pointer({field.Offset})", field.Type, label),
        };
    }

    /// <summary>The statement that writes a value behind a pointer.</summary>
    public static string WritePointer(string pointer, CapnpType type, string value)
    {
        string there = type.IsNullableValue ? value + ".Value" : value;
        string statement = type.Form switch
        {
            CapnpForm.Text when type.ToText.Length != 0
                => $"{pointer}.WriteText({type.ToText.Replace("{0}", there)});",
            CapnpForm.Text => $"{pointer}.WriteText({value});",
            CapnpForm.TextAsData => $"{pointer}.WriteData(global::System.Text.Encoding.UTF8.GetBytes({there}));",
            CapnpForm.Data => $"{pointer}.WriteData({type.ToBytes.Replace("{0}", there)});",
            CapnpForm.Object => $"ipcCall.Write<{type.Type}>({pointer}, {value});",
            CapnpForm.Reference => $"ipcCall.WriteReference({pointer}, {value});",
            CapnpForm.Any => $"CapnpExchange.WriteAny({pointer}, {value});",
            _ => $"{type.Codec}.Write(ipcCall, {pointer}, {there});",
        };
        return type.AdmitsNull && type.Form is not (CapnpForm.Text or CapnpForm.Object or CapnpForm.Reference)
            ? $"if ({value} is not null)\n{{\n    {statement}\n}}"
            : statement;
    }

    /// <summary>The expression that reads a value behind a pointer.</summary>
    public static string ReadPointer(string pointer, CapnpType type, string label)
    {
        string value = type.Form switch
        {
            CapnpForm.Text when type.FromText.Length != 0
                => $"({pointer}.IsNull ? default{(type.AdmitsNull ? "" : "!")} : "
                    + $"{type.FromText.Replace("{0}", $"({pointer}.ReadText() ?? \"\")")})",
            CapnpForm.Text => type.AdmitsNull ? $"{pointer}.ReadText()" : $"{pointer}.ReadText() ?? \"\"",
            CapnpForm.TextAsData => $"global::System.Text.Encoding.UTF8.GetString({pointer}.ReadData())",
            CapnpForm.Data => type.FromBytes.Replace("{0}", pointer + ".ReadData()"),
            CapnpForm.Object when type.AdmitsNull => $"ipcCall.Read<{type.Type}>({pointer})",
            CapnpForm.Object => $"ipcCall.ReadRequired<{type.Type}>({pointer}, {EmitContext.Literal(label)})",
            CapnpForm.Reference when type.AdmitsNull => $"ipcCall.ReadReference({pointer})",
            CapnpForm.Reference => $"ipcCall.ReadReference({pointer})!",
            CapnpForm.Any => $"CapnpExchange.ReadAny({pointer})",
            _ => $"{type.Codec}.Read(ipcCall, {pointer})",
        };
        return type.AdmitsNull && type.Form is not (CapnpForm.Text or CapnpForm.Object or CapnpForm.Reference)
            ? $"{pointer}.IsNull ? null : {(type.IsNullableValue ? $"({type.FullType})" : "")}{value}"
            : type.Form == CapnpForm.Text && !type.AdmitsNull ? $"({value})" : value;
    }

    /// <summary>The number that is written for a value.</summary>
    public static string NumberOf(CapnpType type, string value)
        => type.ToWire.Length == 0 ? value : type.ToWire.Replace("{0}", value);

    /// <summary>The value of a number that was read.</summary>
    public static string ReadNumber(string number, CapnpType type)
        => type.FromWire.Length == 0 ? number : type.FromWire.Replace("{0}", number);

    private static void WriteValue(CodeWriter code, string target, CapnpField field, string value)
    {
        switch (field.Type.Form)
        {
            case CapnpForm.Number:
                code.Write(
                    $"{target}.Write{field.Type.Wire}({field.Offset}, {NumberOf(field.Type, value)}{Default(field)});");
                break;
            case CapnpForm.Group:
                code.Write($"{field.Type.Codec}.Write(ipcCall, {target}, {value});");
                break;
            case CapnpForm.Void:
                break;
            default:
                code.Write(WritePointer($"{target}.Pointer({field.Offset})", field.Type, value));
                break;
        }
    }

    private static string Default(CapnpField field) => field.Default.Length == 0 ? "" : ", " + field.Default;
}
