using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Multiprocess.Versions;

/// <summary>Names the arguments of a method in an error message, by the contract's parameter names.</summary>
/// <remarks>
/// A stub's signatures do not contain parameter names, because no call needs them. This type finds them for an error.
/// </remarks>
/// <param name="contract">The interface or delegate type.</param>
/// <param name="method">The name of the method or of its accessor.</param>
internal readonly struct ArgumentNames(Type contract, string? method)
{
    /// <summary>
    /// Returns <c>argument 'name'</c>, or <c>argument 1</c> when overloads make the name ambiguous, or when the name
    /// was trimmed from the program.
    /// </summary>
    /// <param name="index">The position among the arguments that are sent, from 0.</param>
    /// <param name="count">How many arguments are sent.</param>
    [UnconditionalSuppressMessage(
        "Trimming", "IL2070", Justification = "Methods that were trimmed are named by place.")]
    [UnconditionalSuppressMessage(
        "Trimming", "IL2080", Justification = "Methods that were trimmed are named by place.")]
    [UnconditionalSuppressMessage(
        "Trimming", "IL2075", Justification = "Methods that were trimmed are named by place.")]
    public string Of(int index, int count)
    {
        string? wanted = method;
        string?[] names =
        [
            .. contract.GetInterfaces().Prepend(contract)
                .SelectMany(type => type.GetMethods())
                .Where(candidate => candidate.Name == wanted)
                .Select(candidate => candidate.GetParameters().Where(Crosses).ToArray())
                .Where(parameters => parameters.Length == count && index < count)
                .Select(parameters => parameters[index].Name)
                .Distinct(),
        ];
        return names is [{ } name] ? $"argument '{name}'" : $"argument {index + 1}";
    }

    private static bool Crosses(ParameterInfo parameter)
        => !parameter.IsOut && parameter.ParameterType != typeof(CancellationToken);
}
