using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Emitting;

/// <summary>Prints the codec of a list.</summary>
internal static class CapnpListEmitter
{
    public static void Emit(CodeWriter code, CapnpList list)
    {
        CapnpFileEmitter.OpenType(code, $"static class {list.Codec}");
        EmitWrite(code, list);
        code.Space();
        EmitRead(code, list);
        code.Close();
    }

    private static void EmitWrite(CodeWriter code, CapnpList list)
    {
        code.Open(
            $"public static void Write(CapnpExchange ipcCall, CapnpPointerBuilder ipcPointer, {list.Type} ipcValue)");
        if (list.MayBeDefault)
        {
            code.Write("""
                if (ipcValue.IsDefault)
                {
                    ipcPointer.Clear();
                    return;
                }

                """);
        }

        if (list.Comparer.Length != 0)
        {
            code.Write($"CapnpExchange.CheckComparer({list.Comparer});");
        }

        string items = "ipcValue";
        if (list.Items != items)
        {
            items = "ipcAll";
            code.Write($"var {items} = {list.Items};");
        }

        code.Write(
            list.StructSize is { } size
                ? "CapnpListBuilder ipcList = "
                    + $"ipcPointer.InitStructList({CapnpFileEmitter.Size(size)}, {items}.{list.Count});"
                : "CapnpListBuilder ipcList = "
                    + $"ipcPointer.InitList(CapnpElementSize.{list.ElementSize}, {items}.{list.Count});");
        code.Write("int ipcIndex = 0;");
        code.Open($"foreach ({list.Element.FullType} ipcItem in {items})");
        var element = list.Element;
        code.Write(element.Form switch
        {
            CapnpForm.Number
                => $"ipcList.Write{element.Wire}(ipcIndex, {CapnpFieldEmitter.NumberOf(element, "ipcItem")});",
            CapnpForm.Struct => $"{element.Codec}.Write(ipcCall, ipcList.Struct(ipcIndex), ipcItem);",
            CapnpForm.Void => "_ = ipcItem;",
            _ => CapnpFieldEmitter.WritePointer("ipcList.PointerAt(ipcIndex)", element, "ipcItem"),
        });
        code.Write("ipcIndex++;");
        code.Close();
        code.Close();
    }

    private static void EmitRead(CodeWriter code, CapnpList list)
    {
        var element = list.Element;
        code.Open($"public static {list.Type} Read(CapnpExchange ipcCall, CapnpPointerReader ipcPointer)");
        code.Write(
            "CapnpListReader ipcList = ipcPointer.ReadList(CapnpElementSize."
                + $"{(list.StructSize is null ? list.ElementSize : "Composite")});");
        code.Write("int ipcCount = CapnpExchange.CountOf(ipcList);");
        code.Write($"var ipcItems = {list.Make};");
        code.Open("for (int ipcIndex = 0; ipcIndex < ipcCount; ipcIndex++)");
        string read = element.Form switch
        {
            CapnpForm.Number => CapnpFieldEmitter.ReadNumber($"ipcList.Read{element.Wire}(ipcIndex)", element),
            CapnpForm.Struct => $"{element.Codec}.Read(ipcCall, ipcList.Struct(ipcIndex))",
            CapnpForm.Void => "default",
            _ => CapnpFieldEmitter.ReadPointer(
                "ipcList.PointerAt(ipcIndex)", element, list.Type.Replace("global::", "") + "'s element"),
        };
        code.Write($"{element.FullType} ipcItem = {read};");
        code.Write(list.Add.Replace("{0}", "ipcItem").Replace("{1}", "ipcIndex"));
        code.Close();
        code.Space();
        code.Write($"return {list.Finish};");
        code.Close();
    }
}
