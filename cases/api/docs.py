"""The schema and its page, with local assets and no script inside the page."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView


class SchemaView(SpectacularAPIView):
    """OpenAPI 3, as YAML or JSON."""


class DocsView(SpectacularSwaggerSplitView):
    """Read and try the interface; signed in, one tries it as oneself."""

    template_name = "api/docs.html"


class NowhereView(APIView):
    """Addresses below /api/v1/ that are none answer like the others."""

    permission_classes = [AllowAny]
    renderer_classes = [JSONRenderer]

    @extend_schema(exclude=True)
    def dispatch(self, request: Request, *args: object, **kwargs: object):
        self.http_method_names = []
        return super().dispatch(request, *args, **kwargs)

    def http_method_not_allowed(self, request: Request, *args: object, **kwargs: object):
        raise NotFound
