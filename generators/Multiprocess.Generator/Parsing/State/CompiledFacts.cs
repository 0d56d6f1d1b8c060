using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using Microsoft.CodeAnalysis;

namespace Multiprocess.Generator.Parsing.State;

/// <summary>
/// Reads the state of a type in another assembly from metadata: its fields, and which accessors the compiler wrote.
/// </summary>
/// <remarks>
/// The compiler hides private fields of classes from symbols, so they are read from the metadata itself. A reference
/// assembly does not have them at all. It keeps all fields of structs, because the compiler needs them for definite
/// assignment.
/// </remarks>
internal static class CompiledFacts
{
    private const string CompilerGenerated = "System.Runtime.CompilerServices.CompilerGeneratedAttribute";
    private const string ReferenceAssembly = "System.Runtime.CompilerServices.ReferenceAssemblyAttribute";

    /// <summary>Whether the compiler wrote the method, as it writes the accessors of auto-properties.</summary>
    public static bool IsAutomatic(IMethodSymbol method) => method.HasAttribute(CompilerGenerated);

    /// <summary>Whether private fields of the class may be missing.</summary>
    public static bool HidesFields(INamedTypeSymbol type)
        => type.TypeKind == TypeKind.Class && type.ContainingAssembly.HasAttribute(ReferenceAssembly);

    /// <summary>
    /// A member that can use hidden fields of a class in a reference assembly; null if there is none.
    /// </summary>
    /// <remarks>Constructors do not count: a field that only constructors write is never read.</remarks>
    public static string? CodeOf(INamedTypeSymbol type)
        => type.GetMembers().OfType<IMethodSymbol>()
            .Where(method => method.MethodKind is not (MethodKind.Constructor or MethodKind.StaticConstructor))
            .FirstOrDefault(method => !method.IsAbstract && !IsAutomatic(method)) is { } code
                ? (code.AssociatedSymbol ?? code).Name
            : type.GetTypeMembers()
                .FirstOrDefault(
                    inner => inner.TypeKind is TypeKind.Class or TypeKind.Struct
                        && inner.GetMembers()
                            .OfType<IMethodSymbol>()
                            .Any(method => !method.IsAbstract
                                && !method.IsImplicitlyDeclared
                                && !IsAutomatic(method)))?.Name;

    /// <summary>The instance fields of a type, including private fields.</summary>
    public static IEnumerable<CompiledField> FieldsOf(INamedTypeSymbol type)
    {
        if (ReaderOf(type) is not { } reader
            || MetadataTokens.EntityHandle(type.OriginalDefinition.MetadataToken)
                is not { Kind: HandleKind.TypeDefinition } handle)
        {
            yield break;
        }

        var definition = reader.GetTypeDefinition((TypeDefinitionHandle)handle);
        foreach (var field in definition.GetFields().Select(reader.GetFieldDefinition))
        {
            if ((field.Attributes & (FieldAttributes.Static | FieldAttributes.Literal)) == 0)
            {
                string name = reader.GetString(field.Name);
                string? property = PropertyOf(name);
                yield return new CompiledField(
                    name,
                    property,
                    (field.Attributes & FieldAttributes.FieldAccessMask) == FieldAttributes.Public,
                    (field.Attributes & FieldAttributes.NotSerialized) != 0
                        || StaysBehind(reader, field.GetCustomAttributes())
                        || definition.GetProperties().Select(reader.GetPropertyDefinition).Any(
                            each => reader.GetString(each.Name) == property
                                && StaysBehind(reader, each.GetCustomAttributes())));
            }
        }
    }

    /// <summary>
    /// Whether a field has <c>[NonSerialized]</c>, which is a bit in metadata that symbols do not show.
    /// </summary>
    public static bool IsNotSerialized(IFieldSymbol field)
        => ReaderOf(field.ContainingType) is { } reader
            && MetadataTokens.EntityHandle(field.OriginalDefinition.MetadataToken)
                is { Kind: HandleKind.FieldDefinition } handle
            && reader.GetFieldDefinition((FieldDefinitionHandle)handle).Attributes
                .HasFlag(FieldAttributes.NotSerialized);

    private static MetadataReader? ReaderOf(INamedTypeSymbol type)
        => type.DeclaringSyntaxReferences.Length == 0 && type.MetadataToken != 0
            ? type.ContainingModule?.GetMetadata()?.GetMetadataReader()
            : null;

    /// <summary>The property in the compiler's name for a backing field: <c>&lt;Name&gt;k__BackingField</c>.</summary>
    private static string? PropertyOf(string field)
    {
        const string suffix = ">k__BackingField";
        return field.StartsWith("<", StringComparison.Ordinal) && field.EndsWith(suffix, StringComparison.Ordinal)
            ? field.Substring(1, field.Length - suffix.Length - 1)
            : null;
    }

    private static bool StaysBehind(MetadataReader reader, CustomAttributeHandleCollection attributes)
        => attributes.Any(
            handle => NameOf(reader, reader.GetCustomAttribute(handle).Constructor)
                is WellKnownTypes.IgnoreDataMember or WellKnownTypes.MessagePackIgnore);

    private static string? NameOf(MetadataReader reader, EntityHandle constructor)
    {
        var type = constructor.Kind switch
        {
            HandleKind.MemberReference => reader.GetMemberReference((MemberReferenceHandle)constructor).Parent,
            HandleKind.MethodDefinition
                => reader.GetMethodDefinition((MethodDefinitionHandle)constructor).GetDeclaringType(),
            _ => default(EntityHandle),
        };
        return type.Kind switch
        {
            HandleKind.TypeReference when reader.GetTypeReference((TypeReferenceHandle)type) is var reference
                => reader.GetString(reference.Namespace) + "." + reader.GetString(reference.Name),
            HandleKind.TypeDefinition when reader.GetTypeDefinition((TypeDefinitionHandle)type) is var definition
                => reader.GetString(definition.Namespace) + "." + reader.GetString(definition.Name),
            _ => null,
        };
    }
}

/// <summary>An instance field in metadata.</summary>
/// <param name="Name">Its name in metadata.</param>
/// <param name="Property">The auto-property to which the field belongs, or null.</param>
/// <param name="IsPublic">Whether it is public.</param>
/// <param name="IsIgnored">Whether its author has excluded it.</param>
internal sealed record CompiledField(string Name, string? Property, bool IsPublic, bool IsIgnored);
