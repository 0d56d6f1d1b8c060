namespace Multiprocess.Scenarios.Types;

/// <summary>A type's name as the name of a test: <c>List&lt;Int32&gt;</c>.</summary>
internal static class TypeName
{
    public static string Of(Type type)
        => type.IsArray ? Of(type.GetElementType()!) + "[" + new string(',', type.GetArrayRank() - 1) + "]"
            : type.IsGenericType ? type.Name[..type.Name.IndexOf('`')] + "<" + string.Join(
                " ", type.GetGenericArguments().Select(Of)) + ">"
            : type.Name;
}
