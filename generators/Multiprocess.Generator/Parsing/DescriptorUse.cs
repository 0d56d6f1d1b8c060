using Microsoft.CodeAnalysis;

namespace Multiprocess.Generator.Parsing;

/// <summary>
/// Finds out whether calls of a contract, or of a contract that it references, can carry descriptors.
/// </summary>
/// <remarks>
/// The handshake of a connection depends on this, because receiving descriptors costs more. The answer may be yes too
/// often: members that do not cross, and types that converters write, are examined like all others.
/// </remarks>
internal sealed class DescriptorUse
{
    private readonly HashSet<ITypeSymbol> _seen = new(SymbolEqualityComparer.Default);
    private readonly Stack<ITypeSymbol> _open = [];

    private DescriptorUse()
    {
    }

    /// <summary>Whether calls on a connection with this root can carry descriptors.</summary>
    public static bool In(INamedTypeSymbol root, CancellationToken cancellationToken)
    {
        var use = new DescriptorUse();
        use.Add(root);
        while (use._open.Count != 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (use.Look(use._open.Pop()))
            {
                return true;
            }
        }

        return false;
    }

    private void Add(ITypeSymbol? type)
    {
        if (type is not null && _seen.Add(type))
        {
            _open.Push(type);
        }
    }

    /// <summary>Whether the type is a descriptor. The types that it mentions are queued for a later look.</summary>
    private bool Look(ITypeSymbol type)
    {
        if (type is IArrayTypeSymbol array)
        {
            Add(array.ElementType);
            return false;
        }

        if (type is not INamedTypeSymbol named)
        {
            return false;
        }

        if (CodecTable.IsDescriptor(WellKnownTypes.FullName(named.OriginalDefinition)))
        {
            return true;
        }

        foreach (var argument in named.TypeArguments)
        {
            Add(argument);
        }

        if (named.TypeKind == TypeKind.Delegate)
        {
            AddMethod(named.DelegateInvokeMethod);
        }
        else if (!WellKnownTypes.IsFramework(named))
        {
            AddMembers(named);
        }

        return false;
    }

    private void AddMembers(INamedTypeSymbol type)
    {
        Add(type.BaseType);
        foreach (var each in type.AllInterfaces)
        {
            Add(each);
        }

        // Also look at the cases of a union.
        foreach (var value in type.GetAttributes().SelectMany(attribute => attribute.ConstructorArguments))
        {
            Add(value.Kind == TypedConstantKind.Type ? value.Value as ITypeSymbol : null);
        }

        foreach (var member in type.GetMembers().Where(member => !member.IsStatic))
        {
            switch (member)
            {
                case IFieldSymbol field:
                    Add(field.Type);
                    break;
                case IPropertySymbol property:
                    Add(property.Type);
                    break;
                case IEventSymbol @event:
                    Add(@event.Type);
                    break;
                case IMethodSymbol method when type.TypeKind == TypeKind.Interface:
                    AddMethod(method);
                    break;
            }
        }
    }

    private void AddMethod(IMethodSymbol? method)
    {
        Add(method?.ReturnType);
        foreach (var parameter in method?.Parameters ?? [])
        {
            Add(parameter.Type);
        }
    }
}
